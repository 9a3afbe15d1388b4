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

export type Upload = (file: File) => Promise<Picture>;

const key = new PluginKey<DecorationSet>('upload');

interface Options {
  upload: Upload | null;
  /** Called when a picture could not be brought in. */
  failed: (file: File) => void;
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
      ({ src, alt, title }) => {
        if (editor.isDestroyed) return;
        const [place] = key.getState(editor.state)?.find(undefined, undefined, (spec) => spec.id === id) ?? [];
        editor.view.dispatch(remove());
        if (!isPicture(src)) return failed(file);
        // What others write takes the mark away, and what was around it may be gone.
        editor.commands.insertContentAt(place?.from ?? kept() ?? editor.state.selection.to, { type: 'image', attrs: { src, alt: alt ?? file.name.replace(/\.\w+$/, ''), title: title ?? null } });
      },
      () => {
        if (editor.isDestroyed) return;
        editor.view.dispatch(remove());
        failed(file);
      },
    );
  }
}

const pictures = (data: DataTransfer | null) => [...(data?.files ?? [])].filter(({ type }) => /^image\/(png|jpe?g|gif|webp|avif)$/.test(type));

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
            const files = event.clipboardData?.types.includes('text/html') ? [] : pictures(event.clipboardData);
            if (files.length === 0 || !options.upload) return false;
            bringIn(editor as Editor, files, view.state.selection.to, options);
            return true;
          },
          handleDrop(view, event) {
            const files = pictures(event.dataTransfer);
            if (files.length === 0 || !options.upload) return false;
            event.preventDefault();
            const { clientX: left, clientY: top } = event;
            bringIn(editor as Editor, files, view.posAtCoords({ left, top })?.pos ?? view.state.selection.to, options);
            return true;
          },
        },
      }),
    ];
  },
});
