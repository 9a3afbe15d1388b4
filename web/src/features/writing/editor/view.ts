// How the text behaves in the window: the caret stays in sight, also above a keyboard on the screen, and an empty
// document says what one may do.

import { Extension } from '@tiptap/core';
import { Plugin } from '@tiptap/pm/state';
import { Decoration, DecorationSet, type EditorView } from '@tiptap/pm/view';

const ROOM = 24;

/** Scrolls until the caret stands between the bar above the text and the keyboard below it. */
function keepInSight(view: EditorView, bar: () => number): boolean {
  const caret = view.coordsAtPos(view.state.selection.head);
  const seen = window.visualViewport;
  const top = Math.max(bar(), seen?.offsetTop ?? 0) + ROOM;
  const bottom = (seen ? seen.offsetTop + seen.height : window.innerHeight) - ROOM;
  if (caret.bottom > bottom) window.scrollBy(0, caret.bottom - bottom);
  else if (caret.top < top) window.scrollBy(0, caret.top - top);
  return true;
}

/**
 * The first sign in an empty block. Chromium sometimes puts it into the page before it moves its caret, and the caret
 * would stay in front of it; so it does not come by the page.
 */
function typeFirst(view: EditorView, event: InputEvent): boolean {
  const { $from, empty, from } = view.state.selection;
  const { data } = event;
  if (event.inputType !== 'insertText' || !data || event.isComposing || view.composing || !event.cancelable) return false;
  if (!empty || !$from.parent.isTextblock || $from.parent.content.size > 0 || !view.editable) return false;
  event.preventDefault();
  const insert = () => view.state.tr.insertText(data, from);
  if (!view.someProp('handleTextInput', (handle) => handle(view, from, from, data, insert))) view.dispatch(insert().scrollIntoView());
  return true;
}

interface Options {
  hint: string;
  /** Where the bar above the text ends, in the window. */
  bar: () => number;
}

export const View = Extension.create<Options>({
  name: 'view',
  addOptions: () => ({ hint: '', bar: () => 0 }),
  addProseMirrorPlugins() {
    const { hint, bar } = this.options;
    return [
      new Plugin({
        props: {
          handleDOMEvents: { beforeinput: typeFirst },
          handleScrollToSelection: (view) => keepInSight(view, bar),
          decorations({ doc }) {
            const first = doc.firstChild;
            const isEmpty = doc.childCount === 1 && first?.type.name === 'paragraph' && first.content.size === 0;
            return isEmpty && first ? DecorationSet.create(doc, [Decoration.node(0, first.nodeSize, { class: 'hint', 'data-hint': hint })]) : null;
          },
          handleClick(view, _, event) {
            // Below the last block, where no paragraph is, there should be one.
            const last = view.dom.lastElementChild?.getBoundingClientRect();
            const { doc, schema, tr } = view.state;
            if (!view.editable || !last || event.clientY <= last.bottom || doc.lastChild?.type.name === 'paragraph' || !schema.nodes.paragraph) return false;
            const at = doc.content.size;
            view.dispatch(tr.insert(at, schema.nodes.paragraph.create()));
            return false;
          },
        },
        view(view) {
          const shrunk = () => {
            if (view.hasFocus()) keepInSight(view, bar);
          };
          window.visualViewport?.addEventListener('resize', shrunk);
          return { destroy: () => window.visualViewport?.removeEventListener('resize', shrunk) };
        },
      }),
    ];
  },
});
