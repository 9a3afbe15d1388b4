import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { backOff, Connection, type Line, type Verdict } from './connection';

/** A socket that does what the test says. */
class Socket {
  static all: Socket[] = [];
  readyState: number = WebSocket.CONNECTING;
  sent: string[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {
    Socket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = WebSocket.CLOSED;
  }
  says(message: object): void {
    this.readyState = WebSocket.OPEN;
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  breaks(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }
}

let lines: Line[];
let verdict: Verdict;
let dialled: number;
const open: Connection[] = [];

function connect(): Connection {
  const connection = new Connection({
    address: () => `ws://room/${++dialled}`,
    socket: (url) => new Socket(url) as unknown as WebSocket,
    changed: (line) => lines.push(line),
    received: () => undefined,
    refused: async () => verdict,
    random: () => 1,
  });
  connection.open();
  open.push(connection);
  return connection;
}

function last(): Socket {
  return Socket.all.at(-1) as Socket;
}

beforeEach(() => {
  vi.useFakeTimers();
  Socket.all = [];
  lines = [];
  verdict = 'retry';
  dialled = 0;
});

afterEach(() => {
  // The window outlives a test, and with it whoever listens to its network.
  for (const connection of open.splice(0)) connection.close();
  vi.useRealTimers();
});

it('waits longer after each failure, never less than 250 ms nor more than 5 s', () => {
  const shortest = Array.from({ length: 12 }, (_, i) => backOff(i, 0));
  const longest = Array.from({ length: 12 }, (_, i) => backOff(i, 1));
  expect(longest.slice(0, 6)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
  expect(Math.max(...longest)).toBe(5_000);
  expect(Math.min(...shortest)).toBe(250);
});

it('is live only once the room has welcomed it', () => {
  const connection = connect();
  last().readyState = WebSocket.OPEN;
  expect(connection.send({ type: 'attendance' })).toBe(false);
  last().says({ type: 'welcome' });
  expect(connection.send({ type: 'attendance' })).toBe(true);
  expect(lines).toEqual(['connecting', 'live']);
});

it('comes back after a cut, and asks for the address anew', () => {
  connect();
  last().says({ type: 'welcome' });
  last().breaks();
  expect(lines.at(-1)).toBe('waiting');
  vi.advanceTimersByTime(249);
  expect(Socket.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(last().url).toBe('ws://room/2');
  last().says({ type: 'welcome' });
  expect(lines).toEqual(['connecting', 'live', 'waiting', 'connecting', 'live']);
});

it('reacts at once when the network goes and comes', () => {
  const connection = connect();
  last().says({ type: 'welcome' });
  dispatchEvent(new Event('offline'));
  expect(connection.line).toBe('waiting');
  dispatchEvent(new Event('online'));
  expect(Socket.all).toHaveLength(2);
  last().says({ type: 'welcome' });
  expect(connection.line).toBe('live');
});

it('asks a silent room for a word, and gives up a line that stays silent', () => {
  const connection = connect();
  last().says({ type: 'welcome' });
  vi.advanceTimersByTime(20_000);
  expect(last().sent).toEqual([JSON.stringify({ type: 'history', before: 1, limit: 1 })]);
  last().says({ type: 'history', events: [], more: false });
  vi.advanceTimersByTime(20_000);
  expect(connection.line).toBe('live');
  vi.advanceTimersByTime(8_000);
  expect(connection.line).toBe('waiting');
});

it('gives up an attempt that gets no first word', async () => {
  connect();
  await vi.advanceTimersByTimeAsync(7_999);
  expect(Socket.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(Socket.all[0]?.readyState).toBe(WebSocket.CLOSED);
  expect(lines.at(-1)).toBe('waiting');
  await vi.advanceTimersByTimeAsync(500);
  expect(Socket.all).toHaveLength(2);
});

it('stops when the room will not have it', async () => {
  verdict = 'stop';
  const connection = connect();
  last().breaks();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection.line).toBe('closed');
  expect(Socket.all).toHaveLength(1);
});

it('does not come back after a close', () => {
  const connection = connect();
  last().says({ type: 'welcome' });
  connection.close();
  dispatchEvent(new Event('online'));
  vi.advanceTimersByTime(60_000);
  expect(Socket.all).toHaveLength(1);
});
