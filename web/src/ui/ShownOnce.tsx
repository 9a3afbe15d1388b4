// What is shown once and can never be looked up again: to be copied now, or taken along as a file.

import { Trans } from '@lingui/react/macro';
import { Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { buttonStyle } from './Button';
import { CopyButton } from './Calls';

export function ShownOnce({ text, file }: { text: string; file?: string }) {
  return (
    <div className="grid gap-3 rounded-md border border-zaferan bg-zaferan-soft p-3">
      <pre dir="ltr" tabIndex={0} className="font-mono text-sm whitespace-pre-wrap wrap-anywhere">
        {text}
      </pre>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} />
        {file && <SaveLink text={text} file={file} />}
      </div>
    </div>
  );
}

function SaveLink({ text, file }: { text: string; file: string }) {
  const address = useBlob(text);
  return (
    <a href={address} download={file} className={buttonStyle('plain', 'small')}>
      <Download size={16} aria-hidden />
      <Trans>Save as a file</Trans>
    </a>
  );
}

function useBlob(text: string): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [text]);
  return address;
}
