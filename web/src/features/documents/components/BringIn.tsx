// Files that documents are made of: chosen here or dropped on the page. What was left out is named.

import { Trans, useLingui } from '@lingui/react/macro';
import { FileUp } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import { Button } from '../../../ui/Button';
import { Box } from '../../../ui/Overlay';
import { DropHere } from '../../files/upload/DropHere';
import type { Imported } from '../api';
import { useDocumentDeeds } from '../deeds';
import { IMPORTED } from '../model';

export function BringIn({ folder }: { folder: string | null }) {
  const input = useRef<HTMLInputElement>(null);
  const { bringIn } = useDocumentDeeds();
  const [isBusy, setBusy] = useState(false);
  const [skipped, setSkipped] = useState<Imported['skipped']>([]);
  const begin = useRef<(files: readonly File[]) => void>(() => undefined);
  begin.current = (files) => {
    if (files.length === 0) return;
    setBusy(true);
    void bringIn(files, folder).then((imported) => {
      setBusy(false);
      setSkipped(imported?.skipped ?? []);
    });
  };
  const take = useCallback((files: File[]) => begin.current(files), []);
  const chosen = (list: FileList | null) => {
    take([...(list ?? [])]);
    // The same file may be chosen once more.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden accept={IMPORTED} onChange={(event) => chosen(event.currentTarget.files)} />
      <Button isPending={isBusy} onPress={() => input.current?.click()}>
        <FileUp size={16} aria-hidden />
        <Trans>Import…</Trans>
      </Button>
      <DropHere onDrop={take}>
        <Trans>Let go to make documents of it</Trans>
      </DropHere>
      <Skipped files={skipped} onClose={() => setSkipped([])} />
    </>
  );
}

function Skipped({ files, onClose }: { files: Imported['skipped']; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Box title={t`Not taken in`} isOpen={files.length > 0} onClose={onClose}>
      <p className="text-ink-2">
        <Trans>Of these no document was made. All else is in the list.</Trans>
      </p>
      <ul className="grid max-h-80 gap-2 overflow-y-auto">
        {files.map(({ name, why }) => (
          <li key={name} className="wrap-anywhere">
            <bdi className="font-semibold">{name}</bdi>
            <bdi lang="en" className="block text-sm text-ink-2">
              {why}
            </bdi>
          </li>
        ))}
      </ul>
    </Box>
  );
}
