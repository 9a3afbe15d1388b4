import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Line } from './live';

/** An event source that the test speaks for. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static last: FakeSource;
  static made = 0;
  readyState = 0;
  onopen?: () => void;
  onerror?: () => void;
  onmessage?: (event: { data: string }) => void;

  constructor(readonly url: string) {
    super();
    FakeSource.last = this;
    FakeSource.made += 1;
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }

  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.();
  }
}

const listener = { event: vi.fn(), reset: vi.fn(), broke: vi.fn(), renew: vi.fn(async () => true) };
let line: Line;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', FakeSource);
  FakeSource.made = 0;
  line = new Line(listener);
  line.open();
});

afterEach(() => {
  line.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

describe('the line', () => {
  it('hands on what it knows, and nothing else', () => {
    FakeSource.last.onmessage?.({ data: '{"event_id":7,"at":"2026-11-21T10:00:00Z","type":"port_released","port":3000}' });
    FakeSource.last.onmessage?.({ data: '{"type":"comet_seen"}' });
    FakeSource.last.onmessage?.({ data: 'no json' });
    expect(listener.event.mock.calls).toEqual([[{ number: 7, at: '2026-11-21T10:00:00Z', event: { type: 'port_released', port: 3000 } }]]);
  });

  it('says since when it is broken, and that it is live again', () => {
    FakeSource.last.onopen?.();
    const since = Date.now();
    FakeSource.last.fail(0);
    vi.advanceTimersByTime(5_000);
    FakeSource.last.fail(0);
    expect(line.state).toEqual({ name: 'broken', since });
    FakeSource.last.onopen?.();
    expect(line.state).toEqual({ name: 'live' });
  });

  it('asks why it broke, once, and not before it was live', () => {
    FakeSource.last.fail(0);
    expect(listener.broke).not.toHaveBeenCalled();
    FakeSource.last.onopen?.();
    FakeSource.last.fail(0);
    FakeSource.last.fail(0);
    expect(listener.broke).toHaveBeenCalledOnce();
  });

  it('leaves it to the browser to come back, unless the server refused', async () => {
    FakeSource.last.fail(0);
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.made).toBe(1);
    FakeSource.last.fail(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(500);
    expect(listener.renew).toHaveBeenCalledOnce();
    expect(FakeSource.made).toBe(2);
    expect(listener.reset).toHaveBeenCalledOnce();
  });

  it('stays closed when it is closed while access is renewed', async () => {
    let renewed = (_: boolean) => {};
    listener.renew.mockImplementationOnce(() => new Promise((resolve) => (renewed = resolve)));
    FakeSource.last.fail(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(500);
    line.close();
    renewed(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.made).toBe(1);
  });

  it('asks for everything when the server says that some was missed', () => {
    FakeSource.last.dispatchEvent(new Event('reset'));
    expect(listener.reset).toHaveBeenCalledOnce();
  });
});
