// Pictures that are dropped, pasted or chosen: a mark stands in their place until the server has them.

import { Extension, type Editor } from '@tiptap/core';
import { Plugin, PluginKey } from '@tiptap/pm/state';
import { Decoration, DecorationSet } from '@tiptap/pm/view';
import { isPicture } from './address';
import { keepAt } from './anchor';

export interface Picture {
  /** A file of the house: `/api/v1/files/<id>/content`. */
  src: string;
  alt?: string;
  title?: string;
}

/** Gives nothing for what is no picture, whatever its name says. */
export type Upload = (file: File) => Promise<Picture | null>;

const key = new PluginKey<DecorationSet>('upload');

interface Options {
  upload: Upload | null;
  /** Called when a file was not brought in: with why, or with nothing where it is no picture. */
  failed: (file: File, why?: unknown) => void;
  waiting: (name: string) => string;
}

/** Brings pictures in at a place, one behind the other. */
export function bringIn(editor: Editor, files: readonly File[], at: number, { upload, failed, waiting }: Options): void {
  if (!upload) return;
  for (const file of files) {
    const id = {};
    const kept = keepAt(editor, at);
    const sign = document.createElement('span');
    sign.className = 'uploading';
    sign.textContent = waiting(file.name);
    editor.view.dispatch(editor.state.tr.setMeta(key, { add: Decoration.widget(at, sign, { id }) }));
    const remove = () => editor.state.tr.setMeta(key, { remove: id });
    upload(file).then(
      (picture) => {
        if (editor.isDestroyed) return;
        const [place] = key.getState(editor.state)?.find(undefined, undefined, (spec) => spec.id === id) ?? [];
        editor.view.dispatch(remove());
        if (!picture || !isPicture(picture.src)) return failed(file);
        const { src, alt, title } = picture;
        // What others write takes the mark away, and what was around it may be gone.
        editor.commands.insertContentAt(place?.from ?? kept() ?? editor.state.selection.to, { type: 'image', attrs: { src, alt: alt ?? file.name.replace(/\.\w+$/, ''), title: title ?? null } });
      },
      (why: unknown) => {
        if (editor.isDestroyed) return;
        editor.view.dispatch(remove());
        failed(file, why);
      },
    );
  }
}

/** The kinds that every browser shows and that bring no script along. */
export const PICTURES = 'image/png,image/jpeg,image/gif,image/webp,image/avif';
export const isOfPictures = (type: string): boolean => PICTURES.split(',').includes(type);

/** Brings in what is a picture, and says of all else that it is none. */
function take(editor: Editor, files: readonly File[], at: number, options: Options): void {
  files.filter(({ type }) => !isOfPictures(type)).forEach((file) => options.failed(file));
  bringIn(editor, files.filter(({ type }) => isOfPictures(type)), at, options);
}

export const Uploads = Extension.create<Options>({
  name: 'uploads',
  addOptions: () => ({ upload: null, failed: () => undefined, waiting: (name) => name }),
  addProseMirrorPlugins() {
    const { editor, options } = this;
    return [
      new Plugin<DecorationSet>({
        key,
        state: {
          init: () => DecorationSet.empty,
          apply(tr, old) {
            const set = tr.docChanged ? old.map(tr.mapping, tr.doc) : old;
            const news = tr.getMeta(key) as { add?: Decoration; remove?: object } | undefined;
            if (news?.add) return set.add(tr.doc, [news.add]);
            return news?.remove ? set.remove(set.find(undefined, undefined, (spec) => spec.id === news.remove)) : set;
          },
        },
        props: {
          decorations: (state) => key.getState(state),
          handlePaste(view, event) {
            // Word processors give a picture of the text beside the text.
            const files = event.clipboardData?.types.includes('text/html') ? [] : [...(event.clipboardData?.files ?? [])];
            if (files.length === 0 || !options.upload) return false;
            take(editor as Editor, files, view.state.selection.to, options);
            return true;
          },
          handleDrop(view, event) {
            const files = [...(event.dataTransfer?.files ?? [])];
            if (files.length === 0 || !options.upload) return false;
            // Else the browser would open it in the place of the page.
            event.preventDefault();
            const { clientX: left, clientY: top } = event;
            take(editor as Editor, files, view.posAtCoords({ left, top })?.pos ?? view.state.selection.to, options);
            return true;
          },
        },
      }),
    ];
  },
});
