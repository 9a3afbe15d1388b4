import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Problem } from '../../../api/problem';
import { Uploads, type Told, type Way } from './uploads';

const file = (name: string) => new File(['text'], name, { lastModified: 1 });
const problem = (status: number, code: string) => new Problem({ status, code, detail: code });

/** A way on which the test says what happens. */
function road() {
  const begun: { name: string; told: Told; ended: string }[] = [];
  const attach = vi.fn<Way['attach']>(() => Promise.resolve());
  const send: Way['send'] = ({ name }, told) => {
    const one = { name, told, ended: '' };
    begun.push(one);
    return { pause: () => void (one.ended = 'paused'), cancel: () => Promise.resolve(void (one.ended = 'cancelled')) };
  };
  return { begun, attach, send };
}

const states = (uploads: Uploads) => uploads.all().map(({ state }) => state);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('so many are on their way at once, and the next one begins when one has come', async () => {
  const way = road();
  const uploads = new Uploads(way, 2);
  const [key = ''] = uploads.add(['a', 'b', 'c'].map(file));
  expect(states(uploads)).toEqual(['uploading', 'uploading', 'waiting']);
  const finished = uploads.finished(key);
  way.begun[0]?.told.done('one');
  expect(await finished).toBe('one');
  expect(states(uploads)).toEqual(['uploaded', 'uploading', 'uploading']);
  uploads.clear();
  expect(states(uploads)).toEqual(['uploading', 'uploading']);
});

it('the same file is taken once', () => {
  const way = road();
  const uploads = new Uploads(way);
  const [first] = uploads.add([file('a')]);
  expect(uploads.add([file('a')])).toEqual([first]);
  expect(way.begun).toHaveLength(1);
});

it('goes on by itself after the line was cut, at once when it is back', () => {
  const way = road();
  const uploads = new Uploads(way);
  uploads.add([file('a')]);
  way.begun[0]?.told.failed(Problem.unreachable());
  expect(states(uploads)).toEqual(['cut']);
  vi.advanceTimersByTime(1_000);
  expect(way.begun).toHaveLength(2);
  way.begun[1]?.told.failed(problem(409, 'uploads.offset'));
  vi.advanceTimersByTime(1_000);
  expect(states(uploads)).toEqual(['cut']);
  uploads.online();
  expect(states(uploads)).toEqual(['uploading']);
});

it('what is refused stays so and says why, until somebody tries it again', async () => {
  const way = road();
  const uploads = new Uploads(way);
  const [key = ''] = uploads.add([file('a')]);
  const finished = uploads.finished(key);
  const why = problem(413, 'files.quota');
  way.begun[0]?.told.failed(why);
  await expect(finished).rejects.toBe(why);
  expect(uploads.all()).toMatchObject([{ state: 'refused', problem: { code: 'files.quota' } }]);
  vi.advanceTimersByTime(60_000);
  expect(way.begun).toHaveLength(1);
  uploads.resume(key);
  expect(states(uploads)).toEqual(['uploading']);
});

it('one that is paused makes room, and what it still tells does not count', () => {
  const way = road();
  const uploads = new Uploads(way, 1);
  const [key = ''] = uploads.add([file('a'), file('b')]);
  uploads.pause(key);
  expect(way.begun[0]?.ended).toBe('paused');
  expect(states(uploads)).toEqual(['paused', 'uploading']);
  way.begun[0]?.told.done('late');
  expect(states(uploads)).toEqual(['paused', 'uploading']);
  uploads.resume(key);
  expect(states(uploads)).toEqual(['waiting', 'uploading']);
});

it('what a try tells that was paused does not count in the next one', () => {
  const way = road();
  const uploads = new Uploads(way, 1);
  const [key = ''] = uploads.add([file('a')]);
  uploads.pause(key);
  uploads.resume(key);
  way.begun[0]?.told.failed(problem(413, 'files.quota'));
  expect(states(uploads)).toEqual(['uploading']);
});

it('a cancelled one is taken back and off the list', async () => {
  const way = road();
  const uploads = new Uploads(way);
  const [key = ''] = uploads.add([file('a')]);
  const finished = uploads.finished(key);
  uploads.cancel(key);
  await expect(finished).rejects.toMatchObject({ name: 'AbortError' });
  expect(way.begun[0]?.ended).toBe('cancelled');
  expect(uploads.all()).toEqual([]);
});

it('hangs on what it is for; when that does not take it, the file is not sent again', async () => {
  const way = road();
  const uploads = new Uploads(way);
  way.attach.mockRejectedValueOnce(problem(404, 'files.not_found'));
  const [key = ''] = uploads.add([file('a')], { attachTo: { kind: 'task', id: '7' } });
  way.begun[0]?.told.done('one');
  await vi.waitFor(() => expect(states(uploads)).toEqual(['refused']));
  uploads.resume(key);
  await vi.waitFor(() => expect(states(uploads)).toEqual(['uploaded']));
  expect(way.begun).toHaveLength(1);
  expect(way.attach).toHaveBeenLastCalledWith('one', { kind: 'task', id: '7' });
});
