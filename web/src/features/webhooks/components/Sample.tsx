// How a program checks that something comes from Dabir and was not changed on its way.

import { Trans, useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { CopyButton } from '../../../ui/Calls';
import { Choice } from '../../../ui/Select';
import { SAMPLES, type Language } from '../samples';

const LANGUAGES = [
  { id: 'python', text: 'Python' },
  { id: 'javascript', text: 'JavaScript' },
  { id: 'php', text: 'PHP' },
] as const satisfies readonly { id: Language; text: string }[];

export function Sample() {
  const { t } = useLingui();
  const [language, setLanguage] = useState<Language>('python');
  const code = SAMPLES[language];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <p className="text-ink-2">
        <Trans>
          Whoever receives something checks the header <bdi className="font-mono">webhook-signature</bdi>, as <bdi lang="en">Standard Webhooks</bdi> has it, and answers with a status from 200 to 299.
        </Trans>
      </p>
      <div dir="ltr" className="text-start">
        <Choice label={t`Language of the sample`} options={LANGUAGES} value={language} onChange={setLanguage} />
      </div>
      <pre dir="ltr" tabIndex={0} role="group" aria-label={t`Sample`} className="max-h-80 overflow-auto rounded-md bg-sunken p-3 text-start font-mono text-xs leading-relaxed">
        {code}
      </pre>
      <div>
        <CopyButton text={code} />
      </div>
    </div>
  );
}
