// In the place of the server's live line, for tests: it keeps documents as the server does and fails as one says.

import { once } from 'node:events';
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { WebSocketServer } from 'ws';
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector, mergeUpdates } from 'yjs';

const frame = (numbers, write) => {
  const to = createEncoder();
  numbers.forEach((number) => writeVarUint(to, number));
  write?.(to);
  return toUint8Array(to);
};
const withBytes = (numbers, bytes) => frame(numbers, (to) => writeVarUint8Array(to, bytes));
const control = (message) => frame([7], (to) => writeVarString(to, JSON.stringify(message)));

/** A document: what is on disk, and what is in memory besides. */
class Text {
  disk = [];
  waiting = [];
  sockets = new Set();
  doc = new Doc();

  /** What was not on disk is gone. */
  crash() {
    this.waiting = [];
    this.doc = new Doc();
    for (const update of this.disk) applyUpdate(this.doc, update);
  }
}

/**
 * Listens on a port of its own, or joins `server`. `delay` is how long a commit takes; `may` says what somebody may do
 * with a document, or the code that they are sent away with.
 */
export async function startRelay({ server, delay = () => 0, may = () => 'edit' } = {}) {
  const texts = new Map();
  const line = new WebSocketServer(server ? { noServer: true } : { port: 0, host: '127.0.0.1' });
  const relay = { delay, may, isDown: false, changes: 0, heard: [] };
  const text = (name) => texts.get(name) ?? texts.set(name, new Text()).get(name);
  const sockets = () => [...texts.values()].flatMap((text) => [...text.sockets]);
  const greet = (socket, request) => serve(relay, text(new URL(request.url, 'http://relay').pathname.split('/').at(-2)), socket, request);
  line.on('connection', greet);
  server?.on('upgrade', (request, tcp, head) => {
    if (!new URL(request.url, 'http://relay').pathname.endsWith('/live')) return;
    if (relay.isDown) tcp.destroy();
    else line.handleUpgrade(request, tcp, head, (socket) => greet(socket, request));
  });
  if (!server) await once(line, 'listening');
  return Object.assign(relay, {
    url: server ? '' : `ws://127.0.0.1:${line.address().port}`,
    text: (name) => text(name).doc,
    /** What a server that starts now would read. */
    stored: (name) => {
      const doc = new Doc();
      if (text(name).disk.length) applyUpdate(doc, mergeUpdates(text(name).disk));
      return doc;
    },
    sockets,
    cut: () => sockets().forEach((socket) => socket.terminate()),
    crash: () => {
      for (const one of texts.values()) one.crash();
      sockets().forEach((socket) => socket.terminate());
    },
    /** As after an old backup was put back: nothing is on disk. */
    rewind: () => {
      for (const one of texts.values()) one.disk = [];
      relay.crash();
    },
    tell: (message) => sockets().forEach((socket) => socket.send(control(message))),
    /** Sends everybody away with a code. */
    dismiss: (code) => sockets().forEach((socket) => dismiss(socket, code)),
    close: () => {
      sockets().forEach((socket) => socket.terminate());
      line.close();
    },
  });
}

function dismiss(socket, code, detail = '') {
  socket.send(control({ type: 'closed', code, detail }));
  socket.close();
}

function serve(relay, text, socket, request) {
  const right = relay.isDown ? 'restart' : relay.may(request);
  if (!['edit', 'comment', 'view'].includes(right)) return dismiss(socket, right);
  text.sockets.add(socket);
  socket.on('close', () => {
    text.sockets.delete(socket);
    text.sockets.forEach((other) => other.send(gone(socket)));
  });
  socket.on('message', (data) => {
    if (text.sockets.has(socket)) hear(relay, text, socket, new Uint8Array(data), right);
  });
}

function hear(relay, text, socket, bytes, right) {
  const from = createDecoder(bytes);
  const kind = readVarUint(from);
  relay.heard.push(kind);
  if (kind === 0) return answer(text, socket, from, right);
  if (kind === 1) {
    remember(socket, readVarUint8Array(from));
    return others(text, socket).forEach((other) => other.send(bytes));
  }
  if (kind === 5) return take(relay, text, socket, readVarUint(from), readVarUint8Array(from), right);
}

/** Who speaks on a line, and how often they did. */
function remember(socket, update) {
  const from = createDecoder(update);
  socket.people ??= new Map();
  for (let left = readVarUint(from); left > 0; left--) {
    socket.people.set(readVarUint(from), readVarUint(from));
    readVarString(from);
  }
}

/** That all who spoke on a line are there no more. */
function gone(socket) {
  const people = [...(socket.people ?? [])];
  const update = frame([people.length], (to) => {
    for (const [id, clock] of people) {
      writeVarUint(to, id);
      writeVarUint(to, clock + 1);
      writeVarString(to, 'null');
    }
  });
  return withBytes([1], update);
}

function answer(text, socket, from, right) {
  readVarUint(from);
  const vector = readVarUint8Array(from);
  socket.send(withBytes([0, 1], encodeStateAsUpdate(text.doc, vector)));
  socket.send(withBytes([0, 0], encodeStateVector(text.doc)));
  socket.send(control({ type: 'rights', right }));
}

/** Others see a change at once; whoever sent it hears of it when it is on disk. */
function take(relay, text, socket, n, update, right) {
  if (right === 'view') return dismiss(socket, 'no_right');
  if (update.length > 1_048_576) return dismiss(socket, 'too_large');
  relay.changes++;
  applyUpdate(text.doc, update);
  others(text, socket).forEach((other) => other.send(withBytes([0, 2], update)));
  text.waiting.push({ update, done: () => socket.send(frame([6, n])) });
  const commit = () => {
    const ready = text.waiting.splice(0);
    text.disk.push(...ready.map(({ update }) => update));
    ready.forEach(({ done }) => done());
  };
  setTimeout(commit, relay.delay());
}

const others = (text, socket) => [...text.sockets].filter((other) => other !== socket);

