// What can be done with the folder that one is in.

import { useLingui } from '@lingui/react/macro';
import { FolderCog } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { isolate } from '../../../lib/bidi';
import { useMayWrite } from '../../../lib/user';
import { Menu, type Action } from '../../../ui/Menu';
import type { Folder } from '../api';
import { useFolderDeeds } from '../deeds';
import { FORMATS, may } from '../model';

const TitleBox = lazy(async () => ({ default: (await import('./TitleBox')).TitleBox }));
const MoveBox = lazy(async () => ({ default: (await import('./MoveBox')).MoveBox }));
const ShareBox = lazy(async () => ({ default: (await import('./ShareBox')).ShareBox }));

export function FolderMenu({ folder }: { folder: Folder }) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const deeds = useFolderDeeds();
  const [open, setOpen] = useState<'rename' | 'move' | 'share' | null>(null);
  const { id, title, right, parent } = folder;
  const [isOwn, mayChange] = [mayWrite && may(right, 'own'), mayWrite && may(right, 'edit')];
  const act = (isThere: boolean, id: string, text: string, run: () => void): Action[] => (isThere ? [{ id, text, run }] : []);
  const actions = [
    ...act(mayChange, 'rename', t`Rename…`, () => setOpen('rename')),
    ...act(isOwn, 'move', t`Move…`, () => setOpen('move')),
    ...act(true, 'share', t`Share…`, () => setOpen('share')),
    ...FORMATS.map(({ format, word }) => {
      const form = isolate(t(word));
      return { id: format, text: t`Save all as ${form}`, run: () => void deeds.takeHome(folder, format) };
    }),
    ...act(isOwn, 'delete', t`Delete the folder`, () => deeds.remove(folder)),
  ];
  const close = () => setOpen(null);
  const called = isolate(title);
  return (
    <>
      <Menu label={t`What can be done with the folder “${called}”`} icon={<FolderCog size={18} aria-hidden />} actions={actions} />
      <Suspense fallback={null}>
        {open === 'rename' && <TitleBox title={t`Rename the folder`} label={t`Name of the folder`} value={title} submit={t`Rename`} effect={t`The folder keeps its name.`} onSend={(now) => deeds.rename(folder, now)} onClose={close} />}
        {open === 'move' && <MoveBox title={title} from={parent ?? null} moved={id} onMove={(to) => deeds.move(folder, to)} onClose={close} />}
        {open === 'share' && <ShareBox subject={{ kind: 'folder', id, title, right }} onClose={close} />}
      </Suspense>
    </>
  );
}
