// What can be done with a document, in the list and on its page.

import { useLingui } from '@lingui/react/macro';
import { EllipsisVertical } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { isolate } from '../../../lib/bidi';
import { useMayWrite } from '../../../lib/user';
import { Menu, type Action } from '../../../ui/Menu';
import type { Document } from '../api';
import { useDocumentDeeds } from '../deeds';
import { FORMATS, may } from '../model';

const TitleBox = lazy(async () => ({ default: (await import('./TitleBox')).TitleBox }));
const MoveBox = lazy(async () => ({ default: (await import('./MoveBox')).MoveBox }));
const ShareBox = lazy(async () => ({ default: (await import('./ShareBox')).ShareBox }));

interface Props {
  document: Document;
  /** Where the page itself is that of the document: what comes once it is deleted. */
  onGone?: () => void;
}

export function DocumentMenu({ document, onGone }: Props) {
  const { t } = useLingui();
  const mayWrite = useMayWrite();
  const deeds = useDocumentDeeds();
  const [open, setOpen] = useState<'rename' | 'move' | 'share' | null>(null);
  const { title, right, template, deleted_at } = document;
  const [isOwn, mayChange] = [mayWrite && may(right, 'own'), mayWrite && may(right, 'edit')];
  const act = (isThere: boolean, id: string, text: string, run: () => void): Action[] => (isThere ? [{ id, text, run }] : []);
  const remove = async () => {
    if (await deeds.remove(document)) onGone?.();
  };
  const called = isolate(title);
  const actions = deleted_at
    ? act(isOwn, 'restore', t`Have back`, () => void deeds.restore(document))
    : [
        ...act(mayChange && !onGone, 'rename', t`Rename…`, () => setOpen('rename')),
        ...act(isOwn, 'move', t`Move…`, () => setOpen('move')),
        ...act(!onGone, 'share', t`Share…`, () => setOpen('share')),
        ...act(mayChange, 'template', template ? t`No template any more` : t`Make it a template`, () => void deeds.makeTemplate(document)),
        ...FORMATS.map(({ format, word }) => {
          const form = isolate(t(word));
          return { id: format, text: t`Save as ${form}`, run: () => void deeds.takeHome(document, format) };
        }),
        ...act(isOwn, 'delete', t`Delete`, () => void remove()),
      ];
  const close = () => setOpen(null);
  if (actions.length === 0) return null;
  return (
    <>
      <Menu label={t`What can be done with “${called}”`} icon={<EllipsisVertical size={18} aria-hidden />} actions={actions} />
      <Suspense fallback={null}>
        {open === 'rename' && <TitleBox title={t`Rename the document`} label={t`Title`} value={title} submit={t`Rename`} effect={t`The document keeps its title.`} onSend={(now) => deeds.rename(document, now)} onClose={close} />}
        {open === 'move' && <MoveBox title={title} from={document.folder ?? null} moved={null} onMove={(folder) => deeds.move(document, folder)} onClose={close} />}
        {open === 'share' && <ShareBox subject={{ kind: 'document', id: document.id, title, right }} onClose={close} />}
      </Suspense>
    </>
  );
}
