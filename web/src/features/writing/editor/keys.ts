// Shortcuts by the place of a key, so that they are the same on a Persian keyboard. Shift with the space bar stays the
// layout's, which types a half-space with it.

import { Extension, type Editor } from '@tiptap/core';
import type {} from '@tiptap/extension-collaboration';
import { Plugin } from '@tiptap/pm/state';

type Run = (editor: Editor) => boolean;

/** What the page around the text does itself. */
interface Wishes {
  find: () => void;
  link: () => void;
  toolbar: () => void;
}

/** `Mod` is Ctrl, or ⌘ on a Mac. */
const KEYS: Record<string, Run> = {
  'Mod+KeyB': (editor) => editor.commands.toggleBold(),
  'Mod+KeyI': (editor) => editor.commands.toggleItalic(),
  'Mod+KeyU': (editor) => editor.commands.toggleUnderline(),
  'Mod+Shift+KeyS': (editor) => editor.commands.toggleStrike(),
  'Mod+KeyE': (editor) => editor.commands.toggleCode(),
  'Mod+Shift+KeyH': (editor) => editor.commands.toggleHighlight(),
  'Mod+KeyZ': (editor) => editor.commands.undo(),
  'Mod+Shift+KeyZ': (editor) => editor.commands.redo(),
  'Mod+KeyY': (editor) => editor.commands.redo(),
  'Mod+Alt+Digit0': (editor) => editor.commands.setParagraph(),
  'Mod+Alt+Digit1': (editor) => editor.commands.toggleHeading({ level: 1 }),
  'Mod+Alt+Digit2': (editor) => editor.commands.toggleHeading({ level: 2 }),
  'Mod+Alt+Digit3': (editor) => editor.commands.toggleHeading({ level: 3 }),
  'Mod+Alt+Digit4': (editor) => editor.commands.toggleHeading({ level: 4 }),
  'Mod+Shift+Digit7': (editor) => editor.commands.toggleOrderedList(),
  'Mod+Shift+Digit8': (editor) => editor.commands.toggleBulletList(),
  'Mod+Shift+Digit9': (editor) => editor.commands.toggleTaskList(),
  'Mod+Shift+KeyB': (editor) => editor.commands.toggleBlockquote(),
  'Mod+Alt+KeyC': (editor) => editor.commands.toggleCodeBlock(),
  'Mod+Shift+KeyX': (editor) => editor.commands.turn(),
};

/** The keys of a press, such as `Mod+Shift+KeyX`. */
export function pressed(event: Pick<KeyboardEvent, 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey' | 'code'>): string {
  const mod = (event.ctrlKey || event.metaKey) && 'Mod';
  return [mod, event.altKey && 'Alt', event.shiftKey && 'Shift', event.code].filter(Boolean).join('+');
}

export const Keys = Extension.create<{ wishes: Wishes }>({
  name: 'keys',
  priority: 1200,
  addProseMirrorPlugins() {
    const { editor } = this;
    const { wishes } = this.options;
    const own: Record<string, () => boolean> = {
      'Mod+KeyF': () => (wishes.find(), true),
      'Alt+F10': () => (wishes.toolbar(), true),
      // Without words to be one, these keys are the console's.
      'Mod+KeyK': () => !editor.state.selection.empty && (wishes.link(), true),
    };
    return [
      new Plugin({
        props: {
          handleKeyDown(view, event) {
            if (event.isComposing) return false;
            const keys = pressed(event);
            const run = own[keys] ?? (view.editable ? KEYS[keys] && (() => KEYS[keys]?.(editor) ?? false) : undefined);
            if (!run?.()) return false;
            event.stopPropagation();
            return true;
          },
        },
      }),
    ];
  },
});
