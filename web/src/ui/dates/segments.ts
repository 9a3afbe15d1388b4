// Digits of every script in the fields of dates: React Aria takes those of the page's language alone.

import { useEffect, useRef, type RefObject } from 'react';
import { latinDigits } from '../../lib/digits';

/** Types Persian and Arabic digits as Latin ones, which React Aria takes in every language. */
export function useLatinDigits<T extends HTMLElement>(): RefObject<T | null> {
  const ref = useRef<T>(null);
  useEffect(() => {
    const field = ref.current;
    field?.addEventListener('beforeinput', translate, { capture: true });
    return () => field?.removeEventListener('beforeinput', translate, { capture: true });
  }, []);
  return ref;
}

function translate(event: InputEvent): void {
  const latin = event.data && latinDigits(event.data);
  if (!latin || latin === event.data) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const typed = new InputEvent('beforeinput', { data: latin, inputType: event.inputType, bubbles: true, cancelable: true });
  event.target?.dispatchEvent(typed);
}
