import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keys } from './api';
import { followMeetings } from './live';

const meeting = (id: string, clients: number) => ({ id, clients });
let client: QueryClient;
let follow: ReturnType<typeof followMeetings>;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient();
  follow = followMeetings(client);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A list of more pages than are read anew. */
function longList() {
  const list = [...keys.lists, {}];
  const pages = ['a', 'b', 'c', 'd'].map((id) => ({ items: [meeting(id, 0)] }));
  client.setQueryData(list, { pages, pageParams: [] });
  return list;
}

describe('live events', () => {
  it('count people wherever the meeting is shown', () => {
    client.setQueryData(keys.one('a'), meeting('a', 0));
    client.setQueryData([...keys.all, 'in', 'running'], { items: [meeting('a', 0), meeting('b', 5)] });
    client.setQueryData([...keys.lists, 'all'], { pages: [{ items: [meeting('b', 5)] }, { items: [meeting('a', 0)] }], pageParams: [] });
    follow({ type: 'participants_changed', id: 'a', name: 'A', clients: 3 });
    expect(client.getQueryData(keys.one('a'))).toEqual(meeting('a', 3));
    expect(client.getQueryData([...keys.all, 'in', 'running'])).toEqual({ items: [meeting('a', 3), meeting('b', 5)] });
    expect(client.getQueryData([...keys.lists, 'all'])).toMatchObject({ pages: [{ items: [meeting('b', 5)] }, { items: [meeting('a', 3)] }] });
  });

  it('are gathered, so that a hundred changes are read once', () => {
    const renewed = vi.spyOn(client, 'invalidateQueries');
    for (let i = 0; i < 100; i += 1) follow({ type: 'meeting_changed', id: String(i), name: 'A', state: 'starting' });
    vi.advanceTimersByTime(100);
    expect(renewed).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ queryKey: keys.all }));
    follow({ type: 'meeting_removed', id: '1', name: 'A' });
    vi.advanceTimersByTime(100);
    expect(renewed).toHaveBeenCalledTimes(2);
  });

  it('renew the rows of a list that is too long to be read anew', async () => {
    const list = longList();
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (request) =>
      (request as Request).url.endsWith('/b') ? Response.json(meeting('b', 7)) : Response.json({ status: 404, code: 'meetings.not_found', detail: 'no such meeting' }, { status: 404 }),
    );
    follow({ type: 'meeting_changed', id: 'b', name: 'B', state: 'running' });
    follow({ type: 'meeting_removed', id: 'c', name: 'C' });
    await vi.advanceTimersByTimeAsync(100);
    await vi.waitFor(() =>
      expect(client.getQueryData(list)).toMatchObject({
        pages: [{ items: [meeting('a', 0)] }, { items: [meeting('b', 7)] }, { items: [] }, { items: [meeting('d', 0)] }],
      }),
    );
    expect(client.getQueryState(list)?.isInvalidated).toBe(false);
  });

  it('keep the row of a meeting that cannot be asked about now', async () => {
    const list = longList();
    vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ status: 503, code: 'busy', detail: 'busy' }, { status: 503 }));
    follow({ type: 'meeting_changed', id: 'b', name: 'B', state: 'running' });
    await vi.advanceTimersByTimeAsync(100);
    await vi.waitFor(() => expect(client.getQueryState(keys.one('b'))?.status).toBe('error'));
    await vi.advanceTimersByTimeAsync(0);
    expect(client.getQueryData(list)).toMatchObject({ pages: [{}, { items: [meeting('b', 0)] }, {}, {}] });
  });

  it('read even a long list anew when more changed than can be asked for one by one', async () => {
    const list = longList();
    const asked = vi.spyOn(globalThis, 'fetch');
    for (let i = 0; i < 51; i += 1) follow({ type: 'meeting_changed', id: String(i), name: 'A', state: 'running' });
    await vi.advanceTimersByTimeAsync(100);
    expect(client.getQueryState(list)?.isInvalidated).toBe(true);
    expect(asked).not.toHaveBeenCalled();
  });
});
