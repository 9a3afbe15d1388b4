// Others in the text: where each is and who that is, in a colour of their own.

import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import type { Awareness } from 'y-protocols/awareness';

const HUES = 6;

/** The same for everybody who sees this person. */
function hueOf(id: unknown): number {
  let sum = 0;
  for (const sign of String(id)) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) >>> 0;
  return sum % HUES;
}

interface Person {
  id?: string;
  name?: string | null;
}

export const carets = (awareness: Awareness, user: { id: string; name: string }) =>
  CollaborationCaret.configure({
    provider: { awareness },
    user,
    render({ id = '', name }: Person) {
      const caret = document.createElement('span');
      caret.className = `other hue-${hueOf(id)}`;
      const label = document.createElement('bdi');
      label.textContent = name ?? '';
      // The joiners keep the letters on both sides as they are.
      caret.append('\u2060', label, '\u2060');
      return caret;
    },
    selectionRender: ({ id = '' }: Person) => ({ class: `others-choice hue-${hueOf(id)}` }),
  });
