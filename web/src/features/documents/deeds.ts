// What is done with documents and folders, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { download } from '../../api/download';
import { isolate } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { soon, tell } from '../../ui/Toast';
import { archiveOf, changeDocument, changeFolder, deleteDocument, deleteFolder, exportOf, importFiles, keys, restoreDocument, starDocument, type Detail, type Document, type DocumentPage, type Folder, type Format, type Imported } from './api';
import { useRenew } from './hooks';
import { FORMATS, fileName } from './model';

type Pages = InfiniteData<DocumentPage>;

/** Shows the lists otherwise before the server answers; gives the way back. */
function useShowing() {
  const client = useQueryClient();
  return async (change: (documents: Document[]) => Document[]) => {
    await client.cancelQueries({ queryKey: keys.lists });
    const before = client.getQueriesData<Pages>({ queryKey: keys.lists });
    client.setQueriesData<Pages>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) });
    return () => before.forEach(([key, data]) => client.setQueryData(key, data));
  };
}

export function useDocumentDeeds() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const show = useShowing();
  const renew = useRenew();
  const learn = (now: Document) => client.setQueryData<Detail>(keys.one(now.id), (old) => old && { ...old, ...now });

  const star = async (document: Document): Promise<void> => {
    const starred = !document.starred;
    const back = await show((all) => all.map((one) => (one.id === document.id ? { ...one, starred } : one)));
    learn({ ...document, starred });
    try {
      await starDocument(document.id, starred);
    } catch (error) {
      back();
      learn(document);
      failure(t`The star stays as it was.`)(error);
    }
    await client.invalidateQueries({ queryKey: keys.lists });
  };

  /** Out of sight at once; says whether it is so. */
  const leave = async (document: Document, deed: () => Promise<unknown>, done: () => void, effect: string): Promise<boolean> => {
    const back = await show((all) => all.filter(({ id }) => id !== document.id));
    try {
      await deed();
      done();
      return true;
    } catch (error) {
      back();
      failure(effect)(error);
      return false;
    } finally {
      await renew();
    }
  };

  const remove = (document: Document): Promise<boolean> => {
    const title = isolate(document.title);
    const said = () => tell(t`“${title}” is deleted; it can be had back for thirty days.`, () => void restore(document));
    return leave(document, () => deleteDocument(document.id), said, t`The document stays.`);
  };

  const restore = (document: Document): Promise<boolean> => {
    const title = isolate(document.title);
    return leave(document, () => restoreDocument(document.id), () => tell(t`“${title}” is back.`), t`The document was not had back.`);
  };

  /** What was refused is thrown, for the form to show. */
  const rename = async (document: Document, title: string): Promise<void> => {
    learn(await changeDocument(document.id, { title, version: document.version }));
    await renew();
  };

  const move = async (document: Document, folder: Folder | null): Promise<void> => {
    const now = await changeDocument(document.id, { folder: folder?.id ?? null, version: document.version });
    learn(now);
    const [title, place] = [isolate(document.title), folder && isolate(folder.title)];
    const undo = () => void changeDocument(document.id, { folder: document.folder ?? null }).then(renew, failure(t`The document stays where it is.`));
    tell(place ? t`“${title}” is in “${place}” now.` : t`“${title}” is in no folder now.`, undo);
    await renew();
  };

  const makeTemplate = async (document: Document): Promise<void> => {
    const template = !document.template;
    const title = isolate(document.title);
    const done = (now: Document) => {
      learn(now);
      tell(template ? t`New documents can be made from “${title}” now.` : t`“${title}” is no template any more.`, () => void makeTemplate(now));
    };
    await changeDocument(document.id, { template }).then(done, failure(t`The document stays as it was.`));
    await renew();
  };

  /** Makes documents of files; gives what was left out, and why. */
  const bringIn = async (files: readonly File[], folder: string | null): Promise<Imported | null> => {
    try {
      const imported = await importFiles(files, folder);
      const count = imported.items.length;
      if (count > 0) tell(plural(count, { one: '# document was made.', other: '# documents were made.' }));
      return imported;
    } catch (error) {
      failure(t`No document was made of the files.`)(error);
      return null;
    } finally {
      await renew();
    }
  };

  const takeHome = (document: Document, format: Format): Promise<void> => {
    const suffix = FORMATS.find((one) => one.format === format)?.suffix ?? format;
    return download(exportOf(document.id, format), fileName(document.title, suffix)).catch(failure(t`The document was not saved as a file.`));
  };

  return { star, remove, restore, rename, move, makeTemplate, bringIn, takeHome };
}

export function useFolderDeeds() {
  const { t } = useLingui();
  const failure = useFailure();
  const renew = useRenew();

  const rename = async (folder: Folder, title: string): Promise<void> => {
    await changeFolder(folder.id, { title, version: folder.version });
    await renew();
  };

  const move = async (folder: Folder, parent: Folder | null): Promise<void> => {
    await changeFolder(folder.id, { parent: parent?.id ?? null, version: folder.version });
    const title = isolate(folder.title);
    const undo = () => void changeFolder(folder.id, { parent: folder.parent ?? null }).then(renew, failure(t`The folder stays where it is.`));
    tell(t`The folder “${title}” is elsewhere now.`, undo);
    await renew();
  };

  /** A folder cannot be had back, so a moment passes before it goes. */
  const remove = (folder: Folder): void => {
    const title = isolate(folder.title);
    const run = () => void deleteFolder(folder.id).then(renew, failure(t`The folder stays.`));
    soon(t`The folder “${title}” goes with all that is in it. Its documents can be had back for thirty days.`, run, () => undefined);
  };

  const takeHome = (folder: Folder | null, format: Format): Promise<void> => download(archiveOf(folder?.id ?? null, format)).catch(failure(t`The documents were not saved as a file.`));

  return { rename, move, remove, takeHome };
}
