import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { showWithNews } from '../../../testing/reader';
import { Refusal, serve } from '../../../testing/server';
import type { Job } from '../api';
import { EditRetry } from './EditRetry';

const job = { id: 7, kind: 'sync.run', args: { source: 'students' } } as Job;
const RETRY = 'POST /api/v1/jobs/7/retry';

afterEach(() => vi.restoreAllMocks());

function edit(answer: unknown, text: string) {
  const asked = serve({ [RETRY]: answer });
  const close = vi.fn();
  showWithNews(<EditRetry job={job} onClose={close} />);
  const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Arguments' });
  expect(JSON.parse(field.value)).toEqual(job.args);
  fireEvent.change(field, { target: { value: text } });
  fireEvent.click(screen.getByRole('button', { name: 'Try again with these' }));
  return { asked, close, field };
}

it('sends what was typed, and closes', async () => {
  const { asked, close } = edit({ ...job, state: 'queued' }, '{ "source": "faculty" }');
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(asked).toEqual([{ call: RETRY, body: { args: { source: 'faculty' } } }]);
});

it('says on which line it is no JSON, and sends nothing', async () => {
  const { asked } = edit({}, '{\n  source: 1\n}');
  await screen.findByText('This is no JSON; look at line 2.');
  expect(asked).toEqual([]);
});

it('says beside the field what the kind refuses, and keeps what was typed', async () => {
  const detail = 'these are no arguments of `sync.run`: missing field `source`';
  const { close, field } = edit(new Refusal(422, 'jobs.invalid', 'some fields are not allowed', [{ field: 'args', detail }]), '{}');
  expect((await screen.findByText(detail)).lang).toBe('en');
  expect(field.value).toBe('{}');
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(close).not.toHaveBeenCalled();
});
