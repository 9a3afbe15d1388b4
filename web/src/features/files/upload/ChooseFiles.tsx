// A button that asks for files and begins to upload them.

import { Trans } from '@lingui/react/macro';
import { Upload } from 'lucide-react';
import { useRef } from 'react';
import { Button, type Weight } from '../../../ui/Button';
import { uploads, type Subject } from '.';

export function ChooseFiles({ attachTo, weight = 'primary' }: { attachTo?: Subject; weight?: Weight }) {
  const input = useRef<HTMLInputElement>(null);
  const take = (list: FileList | null) => {
    uploads.add([...(list ?? [])], attachTo ? { attachTo } : {});
    // The same file may be chosen once more.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden onChange={(event) => take(event.currentTarget.files)} />
      <Button weight={weight} onPress={() => input.current?.click()}>
        <Upload size={16} aria-hidden />
        <Trans>Upload files…</Trans>
      </Button>
    </>
  );
}
