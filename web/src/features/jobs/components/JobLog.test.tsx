import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { show } from '../../../testing/reader';
import { serve } from '../../../testing/server';
import type { Job } from '../api';
import { JobLog } from './JobLog';

const line = (id: number, level = 'info') => ({ id, attempt: 1, at: '2026-11-21T10:00:00Z', level, line: `line ${id}` });
const running = { id: 7, state: 'running' } as Job;

afterEach(() => vi.restoreAllMocks());

/** A box that is 100 pixels high around a text of 500. */
function measure(box: HTMLElement) {
  Object.defineProperties(box, { scrollHeight: { value: 500 }, clientHeight: { value: 100 } });
}

it('follows the log from the line that it knows, at its end unless one scrolled up', async () => {
  const answers = [[line(1)], [line(2, 'error')], [line(3)]];
  serve({ 'GET /api/v1/jobs/7/log': () => ({ items: answers.shift() ?? [] }) });
  show(<JobLog job={running} />);
  const box = await screen.findByRole('log');
  measure(box);
  const shows = (text: string) => waitFor(() => expect(box.textContent).toContain(text), { timeout: 3_000 });
  await shows('line 2');
  expect(box.textContent).toMatch(/ERROR .line 2/);
  expect(box.scrollTop).toBe(500);
  box.scrollTop = 20;
  fireEvent.scroll(box);
  await shows('line 3');
  expect(box.scrollTop).toBe(20);
  const searches = vi.mocked(fetch).mock.calls.map(([request]) => new URL((request as Request).url).search);
  expect(searches).toContain('?after=1');
  expect(box.textContent?.match(/line 1/g)).toHaveLength(1);
});
