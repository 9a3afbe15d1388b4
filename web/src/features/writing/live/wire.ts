// The frames between a document's page and the server: numbers, updates and words as lib0 writes them.

import { createDecoder, readVarString, readVarUint, readVarUint8Array, type Decoder } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding';

const SYNC = 0;
const AWARENESS = 1;
const CHANGE = 5;
const SAVED = 6;
const CONTROL = 7;

const VECTOR = 0;

export type Right = 'edit' | 'comment' | 'view';

/** What the server says beside the text. Codes it may learn later come as they are. */
export type Control =
  | { type: 'rights'; 'right': Right }
  | { type: 'title'; title: string; version: number }
  | { type: 'closed'; code: string; detail?: string };

export type Frame =
  /** What the server has. */
  | { kind: 'vector'; vector: Uint8Array }
  /** What this page lacks: `whole` as the answer to its own vector, else a change of somebody else. */
  | { kind: 'update'; update: Uint8Array; whole: boolean }
  | { kind: 'awareness'; update: Uint8Array }
  /** All numbered changes up to `n` are on the server's disk. */
  | { kind: 'saved'; n: number }
  | { kind: 'control'; control: Control }
  | { kind: 'unknown' };

export function readFrame(bytes: Uint8Array): Frame {
  const from = createDecoder(bytes);
  switch (readVarUint(from)) {
    case SYNC:
      return readSync(from);
    case AWARENESS:
      return { kind: 'awareness', update: readVarUint8Array(from) };
    case SAVED:
      return { kind: 'saved', n: readVarUint(from) };
    case CONTROL:
      return { kind: 'control', control: JSON.parse(readVarString(from)) as Control };
    default:
      return { kind: 'unknown' };
  }
}

function readSync(from: Decoder): Frame {
  const step = readVarUint(from);
  const bytes = readVarUint8Array(from);
  return step === VECTOR ? { kind: 'vector', vector: bytes } : { kind: 'update', update: bytes, whole: step === 1 };
}

/** Numbers, then bytes behind their length. */
function write(numbers: readonly number[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const to = createEncoder();
  numbers.forEach((number) => writeVarUint(to, number));
  writeVarUint8Array(to, bytes);
  return toUint8Array(to) as Uint8Array<ArrayBuffer>;
}

export const vectorFrame = (vector: Uint8Array) => write([SYNC, VECTOR], vector);
export const awarenessFrame = (update: Uint8Array) => write([AWARENESS], update);
export const changeFrame = (n: number, update: Uint8Array) => write([CHANGE, n], update);
