// What is dragged among the folders: a document or a folder, by the link to it.

import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type DragEvent } from 'react';
import { useMayWrite } from '../../lib/user';
import { useFailure } from '../../ui/failure';
import { oneDocument, type Document, type Folder } from './api';
import { useDocumentDeeds, useFolderDeeds } from './deeds';
import { useFolders } from './hooks';
import { may, targets } from './model';

const DOCUMENT = 'application/x-dabir-document';
const FOLDER = 'application/x-dabir-folder';

const carry = (kind: string, id: string) => ({ onDragStart: ({ dataTransfer }: DragEvent) => dataTransfer.setData(kind, id) });

/** For the link of something that is one's own; what is not one's own stays where it is. */
export const draggedDocument = ({ id, right, deleted_at }: Document) => (may(right, 'own') && !deleted_at ? carry(DOCUMENT, id) : {});
export const draggedFolder = ({ id, right }: Folder) => (may(right, 'own') ? carry(FOLDER, id) : {});

/** A place where what is dragged can be let go: a folder, or outside of all. */
export function useLanding(folder: Folder | null) {
  const client = useQueryClient();
  const folders = useFolders();
  const { t } = useLingui();
  const failure = useFailure();
  const mayWrite = useMayWrite();
  const { move: moveDocument } = useDocumentDeeds();
  const { move: moveFolder } = useFolderDeeds();
  const [isOver, setOver] = useState(false);
  const isOpen = mayWrite && (!folder || may(folder.right, 'edit'));
  const isElsewhere = (now: string | null | undefined) => (now ?? null) !== (folder?.id ?? null);
  const over = (event: DragEvent) => {
    if (!isOpen || !event.dataTransfer.types.some((type) => type === DOCUMENT || type === FOLDER)) return;
    event.preventDefault();
    setOver(true);
  };
  const take = async (document: string, moved: string) => {
    const one = folders.find(({ id }) => id === moved);
    const isFit = !folder || targets(folders, moved).some((target) => target.folder.id === folder.id);
    if (one && isFit && isElsewhere(one.parent)) return moveFolder(one, folder);
    const found = document && (await client.fetchQuery({ ...oneDocument(document), staleTime: 0 }));
    if (found && isElsewhere(found.folder)) await moveDocument(found, folder);
  };
  const drop = (event: DragEvent) => {
    setOver(false);
    if (!isOpen) return;
    event.preventDefault();
    void take(event.dataTransfer.getData(DOCUMENT), event.dataTransfer.getData(FOLDER)).catch(failure(t`It stays where it is.`));
  };
  return { isOver, landing: { onDragOver: over, onDragLeave: () => setOver(false), onDrop: drop } };
}
