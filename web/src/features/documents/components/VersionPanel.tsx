// A version over the document: what became of it since, or how it was. It can be brought back.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { useFailure } from '../../../ui/failure';
import { SidePanel } from '../../../ui/Overlay';
import { Choice } from '../../../ui/Select';
import { Time } from '../../../ui/Text';
import { tell } from '../../../ui/Toast';
import { difference, oneVersion, restoreVersion, type Detail, type Difference } from '../api';
import { useRenew } from '../hooks';
import { may } from '../model';
import { Reading } from './Reading';
import { useVersionName } from './Versions';

export function VersionPanel({ document: { id, right, deleted_at }, number, onClose }: { document: Detail; number: number; onClose: () => void }) {
  const { t } = useLingui();
  const formats = useFormats();
  const nameOf = useVersionName();
  const [shown, setShown] = useState<'changes' | 'text'>('changes');
  const version = useQuery(oneVersion(id, number));
  const mayRestore = useMayWrite() && may(right, 'edit') && !deleted_at;
  const called = formats.number(number);
  const options = [
    { id: 'changes' as const, text: t`What changed since` },
    { id: 'text' as const, text: t`As it was` },
  ];
  return (
    <SidePanel title={version.data ? <bdi>{nameOf(version.data)}</bdi> : t`Version ${called}`} isOpen isWide onClose={onClose}>
      {version.data && (
        <p className="flex flex-wrap gap-x-3 text-ink-2">
          <Time at={version.data.at} style="full" />
          <bdi>{version.data.by.name}</bdi>
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3">
        <Choice label={t`What is shown`} options={options} value={shown} onChange={setShown} />
        {mayRestore && <Restore id={id} number={number} onDone={onClose} />}
      </div>
      {shown === 'changes' ? (
        <Since id={id} number={number} />
      ) : (
        <Answered query={version} reading={t`Reading the version…`} effect={t`The version cannot be shown.`}>
          {({ content }) => <Reading part={content} />}
        </Answered>
      )}
    </SidePanel>
  );
}

function Since({ id, number }: { id: string; number: number }) {
  const { t } = useLingui();
  const query = useQuery(difference(id, number));
  return (
    <Answered query={query} reading={t`Comparing…`} effect={t`The version cannot be compared.`}>
      {({ content, counts }) => (
        <>
          <Counted counts={counts} />
          <Reading part={content} />
        </>
      )}
    </Answered>
  );
}

function Counted({ counts: { added, removed, changed } }: Pick<Difference, 'counts'>) {
  if (added + removed + changed === 0) {
    return (
      <p className="text-ink-2">
        <Trans>Nothing changed since.</Trans>
      </p>
    );
  }
  return (
    <p className="flex flex-wrap gap-x-4 text-sm">
      {added > 0 && <ins className="bg-firuze-soft px-1 text-firuze no-underline">{plural(added, { one: '# new word', other: '# new words' })}</ins>}
      {removed > 0 && <del className="bg-anar-soft px-1 text-anar">{plural(removed, { one: '# word gone', other: '# words gone' })}</del>}
      {changed > 0 && <span className="bg-zaferan-soft px-1 text-zaferan">{plural(changed, { one: '# place looks otherwise', other: '# places look otherwise' })}</span>}
    </p>
  );
}

function Restore({ id, number, onDone }: { id: string; number: number; onDone: () => void }) {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();
  const { mutate, isPending } = useMutation({
    mutationFn: () => restoreVersion(id, number),
    onSuccess: async () => {
      tell(t`The version is back. How it was before is the newest version now.`);
      onDone();
      await renew();
    },
    onError: failure(t`The document stays as it is.`),
  });
  return (
    <Button weight="primary" isPending={isPending} onPress={() => mutate()}>
      <RotateCcw size={16} aria-hidden />
      <Trans>Bring it back</Trans>
    </Button>
  );
}
