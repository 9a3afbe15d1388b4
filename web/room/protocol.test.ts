import { expect, it } from 'vitest';
import { parseFrame } from './protocol';

it('a frame carries one message a line, and what is none is passed over', () => {
  const frame = '{"type":"notice","text":"می‌آید"}\n\nnot json\n{"no":"type"}\nnull\n{"type":"ending","seconds":60}';
  expect(parseFrame(frame)).toEqual([
    { type: 'notice', text: 'می‌آید' },
    { type: 'ending', seconds: 60 },
  ]);
});
