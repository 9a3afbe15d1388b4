// Uploading files, for every page that takes some: `uploads.add(files, { attachTo })`, `useUploads()` and `uploadOne`.

import { useSyncExternalStore } from 'react';
import { downloadOf } from '../api';
import { tus } from './tus';
import { Uploads, type Subject, type Upload } from './uploads';

export type { Subject, Upload } from './uploads';

/** All of this page; they go on while one looks at other parts of the console. */
export const uploads = new Uploads(tus);

window.addEventListener('online', uploads.online);
window.addEventListener('beforeunload', (event) => {
  if (uploads.isBusy) event.preventDefault();
});

/** Those of this page, or those that are to hang on something. */
export function useUploads(subject?: Subject): readonly Upload[] {
  const all = useSyncExternalStore(uploads.watch, uploads.all);
  return subject ? all.filter(({ attachTo }) => attachTo?.kind === subject.kind && attachTo.id === subject.id) : all;
}

/** Uploads one file and tells where it is, as the editor wants it of a picture; then it is off the list. */
export async function uploadOne(file: File, attachTo?: Subject): Promise<{ id: string; src: string }> {
  const [key = ''] = uploads.add([file], attachTo ? { attachTo } : {});
  const id = await uploads.finished(key);
  uploads.cancel(key);
  return { id, src: downloadOf(id) };
}
