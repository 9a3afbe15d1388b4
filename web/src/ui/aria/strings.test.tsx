import { describe, expect, it } from 'vitest';
import { english } from './en';
import { persian } from './fa';
import { speak } from './strings';

/** Parts of React Aria that no page of ours draws. */
const UNUSED = ['@react-aria/dnd', '@react-aria/color', '@react-stately/color', '@react-aria/steplist', '@react-aria/previewtrigger'];

const current = () => (window as never)[Symbol.for('react-aria.i18n.strings')] as typeof persian;

describe("React Aria's words", () => {
  it('are all there in Persian, and none that it does not know', () => {
    const keys = (words: object) => Object.entries(words).map(([part, of]) => `${part}: ${Object.keys(of).sort()}`);
    const used = Object.fromEntries(Object.entries(english).filter(([part]) => !UNUSED.includes(part)));
    expect(keys(persian).sort()).toEqual(keys(used).sort());
  });

  it('change with the language, in the objects that React Aria holds', () => {
    speak('fa', persian);
    const calendar = current()['@react-aria/calendar'];
    expect(calendar?.next).toBe('بعدی');
    speak('en', english);
    expect(calendar?.next).toBe('Next');
    expect(calendar?.dateSelected).toBeTypeOf('function');
  });
});
