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

afterEach(() => vi.useRealTimers());

describe('live events', () => {
  it('count people wherever the meeting is shown', () => {
    client.setQueryData(keys.one('a'), meeting('a', 0));
    client.setQueryData([...keys.all, 'in', 'running'], { items: [meeting('a', 0), meeting('b', 5)] });
    client.setQueryData([...keys.lists, 'all'], { pages: [{ items: [meeting('b', 5)] }, { items: [meeting('a', 0)] }], pageParams: [] });
    follow({ type: 'participants_changed', id: 'a', clients: 3 });
    expect(client.getQueryData(keys.one('a'))).toEqual(meeting('a', 3));
    expect(client.getQueryData([...keys.all, 'in', 'running'])).toEqual({ items: [meeting('a', 3), meeting('b', 5)] });
    expect(client.getQueryData([...keys.lists, 'all'])).toMatchObject({ pages: [{ items: [meeting('b', 5)] }, { items: [meeting('a', 3)] }] });
  });

  it('are gathered, so that a hundred changes are read once', () => {
    const renewed = vi.spyOn(client, 'invalidateQueries');
    for (let i = 0; i < 100; i += 1) follow({ type: 'meeting_changed', id: String(i), state: 'starting' });
    vi.advanceTimersByTime(100);
    expect(renewed).toHaveBeenCalledExactlyOnceWith({ queryKey: keys.all });
    follow({ type: 'meeting_removed', id: '1' });
    vi.advanceTimersByTime(100);
    expect(renewed).toHaveBeenCalledTimes(2);
  });
});
