// @vitest-environment node
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import { startRelay, type Relay } from '../../../browser/writing/relay.mjs';
import { openJournal, unsent } from './journal';
import { Live, type Options } from './provider';

let relay: Relay;
let opened: Live[] = [];

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => {
  opened.forEach((live) => live.close());
  opened = [];
  relay.close();
});

/** A document of its own for each test: the journal outlives it. */
let document = 0;
const fresh = () => `d${++document}`;

function open(document: string, more: Partial<Options> = {}): Live {
  const live = new Live({
    url: `${relay.url}/api/v1/documents/${document}/live`,
    user: 'u1',
    document,
    makeSocket: (url) => new NodeSocket(url) as unknown as WebSocket,
    ...more,
  });
  opened.push(live);
  void live.open();
  return live;
}

/** As a page that is closed without warning: nothing of it acts any more. */
function vanish(live: Live): void {
  live.close();
  opened = opened.filter((one) => one !== live);
}

const text = (live: Live) => live.doc.getText('t').toString();
const write = (live: Live, words: string) => live.doc.getText('t').insert(live.doc.getText('t').length, words);
const stored = (name: string) => relay.stored(name).getText('t').toString();
const is = (live: Live, state: string) => vi.waitFor(() => expect(live.state().is).toBe(state), { timeout: 5_000, interval: 5 });
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

describe('a document that is open', () => {
  it('is saved when the server says so, and not before', async () => {
    let commit = 40;
    relay.delay = () => commit;
    const name = fresh();
    const live = open(name);
    expect(live.state()).toEqual({ is: 'opening' });
    await is(live, 'saved');
    write(live, 'سلام');
    expect(live.state()).toEqual({ is: 'saving' });
    await is(live, 'saved');
    expect(stored(name)).toBe('سلام');
    commit = 0;
    expect(await unsent('u1')).not.toContain(name);
  });

  it('is the same for two who write at once', async () => {
    const name = fresh();
    const [one, two] = [open(name), open(name)];
    await Promise.all([is(one, 'saved'), is(two, 'saved')]);
    for (const words of ['a', 'b', 'c']) [one, two].forEach((live) => write(live, words));
    await until(() => expect(text(one)).toHaveLength(6));
    await until(() => expect(text(one)).toBe(text(two)));
    expect([...text(one)].sort().join('')).toBe('aabbcc');
  });

  it('shows who else is there until they go', async () => {
    const name = fresh();
    const [one, two] = [open(name), open(name)];
    await Promise.all([is(one, 'saved'), is(two, 'saved')]);
    one.awareness.setLocalStateField('user', { id: 'u1', name: 'سارا' });
    const seen = () => [...two.awareness.getStates().values()].map(({ user }) => (user as { name: string } | undefined)?.name);
    await until(() => expect(seen()).toContain('سارا'));
    vanish(one);
    await until(() => expect(seen()).not.toContain('سارا'));
  });

  it('sends nothing when it was only read', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    write(live, 'x');
    await is(live, 'saved');
    live.doc.getText('t').delete(0, 1);
    await is(live, 'saved');
    vanish(live);
    const before = relay.changes;
    const again = open(name);
    await is(again, 'saved');
    expect(relay.changes).toBe(before);
  });
});

describe('nothing is lost', () => {
  it('when the page closes before anything was sent', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    relay.isDown = true;
    relay.cut();
    await is(live, 'offline');
    write(live, 'in the train');
    expect(live.state()).toEqual({ is: 'offline', unsent: 1 });
    vanish(live);
    expect(await unsent('u1')).toContain(name);
    relay.isDown = false;
    const again = open(name);
    await is(again, 'saved');
    expect(text(again)).toBe('in the train');
    expect(stored(name)).toBe('in the train');
    await until(async () => expect(await unsent('u1')).not.toContain(name));
  });

  it('when the server dies with what it had not confirmed', async () => {
    const name = fresh();
    relay.delay = () => 60_000;
    const live = open(name);
    await is(live, 'saved');
    write(live, 'kept');
    await until(() => expect(relay.text(name).getText('t').toString()).toBe('kept'));
    relay.crash();
    expect(stored(name)).toBe('');
    relay.delay = () => 0;
    await is(live, 'saved');
    expect(stored(name)).toBe('kept');
  });

  it('when the server comes back older than it was', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    write(live, 'confirmed');
    await is(live, 'saved');
    relay.rewind();
    await is(live, 'offline');
    await is(live, 'saved');
    expect(stored(name)).toBe('confirmed');
  });

  it('of what was deleted, which no vector tells', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    write(live, 'abc');
    await is(live, 'saved');
    relay.isDown = true;
    relay.cut();
    await is(live, 'offline');
    live.doc.getText('t').delete(1, 1);
    vanish(live);
    relay.isDown = false;
    const again = open(name);
    await is(again, 'saved');
    expect(stored(name)).toBe('ac');
  });

  it('of what is longer than a frame', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    live.doc.transact(() => {
      const list = live.doc.getArray('a');
      for (let i = 0; i < 300; i++) list.push([`${i} ${'پ'.repeat(4_000)}`, { i }]);
      live.doc.getText('t').insert(0, '🖋پ'.repeat(300_000));
    });
    await is(live, 'saved');
    expect(relay.changes).toBeGreaterThan(2);
    expect(relay.stored(name).getArray('a').toJSON()).toEqual(live.doc.getArray('a').toJSON());
    expect(stored(name) === text(live)).toBe(true);
  });

  it('when the browser keeps nothing, for as long as the page is open', async () => {
    const name = fresh();
    vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new Error('private');
    });
    const live = open(name);
    await is(live, 'saved');
    relay.isDown = true;
    relay.cut();
    await is(live, 'offline');
    write(live, 'x');
    await is(live, 'unkept');
    expect(live.wouldLose()).toBe(true);
    relay.isDown = false;
    await is(live, 'saved');
    expect(stored(name)).toBe('x');
    expect(live.wouldLose()).toBe(false);
  });
});

describe('a journal that fails', () => {
  it('has nothing to read once the browser has closed it', async () => {
    const journal = await openJournal('u1', fresh());
    journal.close();
    expect(await journal.read()).toEqual([]);
  });

  it('gives all but the change that is spoiled', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    relay.isDown = true;
    relay.cut();
    await is(live, 'offline');
    const journal = await openJournal('u1', name);
    await journal.keep(new Uint8Array([1, 2, 255])).done;
    write(live, 'whole');
    await until(async () => expect(await journal.read()).toHaveLength(2));
    journal.close();
    vanish(live);
    relay.isDown = false;
    const again = open(name);
    await is(again, 'saved');
    expect(stored(name)).toBe('whole');
  });
});

it('whoever closes before the line opened is not asked about it', async () => {
  const judge = vi.fn(async () => null);
  const socket = { close: () => undefined } as WebSocket;
  const makeSocket = vi.fn(() => socket);
  const live = open(fresh(), { judge, makeSocket });
  await until(() => expect(makeSocket).toHaveBeenCalled());
  vanish(live);
  expect(judge).not.toHaveBeenCalled();
});

describe('somebody who is refused', () => {
  it('keeps what was written, and saves it once signed in again', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    relay.may = () => 'signed_out';
    relay.dismiss('signed_out');
    await is(live, 'refused');
    write(live, 'still mine');
    expect(live.state()).toEqual({ is: 'refused', code: 'signed_out', detail: '', unsent: 1 });
    relay.may = () => 'edit';
    live.retry();
    await is(live, 'saved');
    expect(stored(name)).toBe('still mine');
  });

  it('is not told so when the session could be renewed', async () => {
    const name = fresh();
    const judge = vi.fn(async (code: string) => (code === 'signed_out' ? null : { code, detail: '' }));
    const live = open(name, { judge });
    await is(live, 'saved');
    relay.dismiss('signed_out');
    await is(live, 'offline');
    await is(live, 'saved');
    expect(judge).toHaveBeenCalledWith('signed_out');
  });

  it('reads on with the right to read, and is told what cannot be saved', async () => {
    const name = fresh();
    const live = open(name);
    await is(live, 'saved');
    relay.isDown = true;
    relay.cut();
    await is(live, 'offline');
    write(live, 'too late');
    relay.may = () => 'view';
    relay.isDown = false;
    await until(() => expect(live.state()).toEqual({ is: 'refused', code: 'no_right', detail: '', unsent: 1 }));
    expect(live.may()).toBe('view');
    expect(stored(name)).toBe('');
    relay.tell({ type: 'rights', 'right': 'edit' });
    await until(() => expect(live.may()).toBe('edit'));
  });
});

it('a line that does not open is tried again', async () => {
  const name = fresh();
  relay.isDown = true;
  const live = open(name);
  await until(() => expect(relay.heard.length).toBe(0));
  relay.isDown = false;
  await is(live, 'saved');
});
