// A button that asks for files and begins to upload them.

import { Trans } from '@lingui/react/macro';
import { Upload } from 'lucide-react';
import { useRef, type ReactNode } from 'react';
import { Button } from '../../../ui/Button';
import { uploads, type Subject } from '.';

/** With `attachTo` and words for it, the files hang on that, and the button is a small one. */
export function ChooseFiles({ attachTo, children }: { attachTo?: Subject; children?: ReactNode }) {
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    uploads.add([...(list ?? [])], attachTo ? { attachTo } : {});
    // The same file may be chosen once more.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden onChange={(event) => take(event.currentTarget.files)} />
      <Button weight={attachTo ? 'plain' : 'primary'} size={attachTo ? 'small' : 'normal'} onPress={() => input.current?.click()}>
        <Upload size={16} aria-hidden />
        {children ?? <Trans>Upload files…</Trans>}
      </Button>
    </>
  );
}
