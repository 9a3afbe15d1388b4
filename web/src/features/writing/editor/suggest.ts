// What is typed after `/` or `@`: where it is, what it says, and whether a list should be open for it.

import { Extension } from '@tiptap/core';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { ySyncPluginKey } from '@tiptap/y-tiptap';

export interface Asking {
  sign: '/' | '@';
  query: string;
  from: number;
  to: number;
}

interface State {
  asking: Asking | null;
  /** Where the writer closed the list. */
  closed: number | null;
}

const key = new PluginKey<State>('suggest');
const ASKED = /(?:^|[\s(«])([/@])([^\s/@]{0,30}(?: [^\s/@]{1,20})?)$/;

function read(state: EditorState): Asking | null {
  const { $from, empty } = state.selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code || $from.marks().some(({ type }) => type.name === 'code')) return null;
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 60), $from.parentOffset, undefined, '\ufffc');
  const [, sign, query = ''] = ASKED.exec(before) ?? [];
  if (sign !== '/' && sign !== '@') return null;
  return { sign, query, from: $from.pos - query.length - 1, to: $from.pos };
}

export const asking = (state: EditorState): Asking | null => key.getState(state)?.asking ?? null;

export const Suggest = Extension.create<{ onKey: (event: KeyboardEvent) => boolean }>({
  name: 'suggest',
  priority: 1100,
  addOptions: () => ({ onKey: () => false }),
  addProseMirrorPlugins() {
    const { onKey } = this.options;
    return [
      new Plugin<State>({
        key,
        state: {
          init: () => ({ asking: null, closed: null }),
          apply(tr, old, _, state) {
            const closed = tr.getMeta(key) === 'close' ? (old.asking?.from ?? null) : old.closed !== null ? tr.mapping.map(old.closed) : null;
            // A list opens by typing, never by moving through the text.
            const isTyped = tr.docChanged && !(tr.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined)?.isChangeOrigin;
            if (!isTyped && !old.asking) return closed === old.closed ? old : { asking: null, closed };
            const now = read(state);
            return now && now.from !== closed ? { asking: now, closed } : { asking: null, closed: now ? closed : null };
          },
        },
        props: {
          handleKeyDown(view, event) {
            if (!asking(view.state) || event.isComposing) return false;
            if (event.key === 'Escape') {
              view.dispatch(view.state.tr.setMeta(key, 'close'));
              return true;
            }
            return onKey(event);
          },
        },
      }),
    ];
  },
});
