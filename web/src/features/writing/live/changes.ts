// Arithmetic of changes: whether the server lacks something, and how what is too long for one frame is cut.

import { writeVarUint } from 'lib0/encoding';
import { ContentString, createDeleteSet, decodeUpdate, equalDeleteSets, Item, mergeDeleteSets, mergeUpdates, UpdateEncoderV1 } from 'yjs';

type Decoded = ReturnType<typeof decodeUpdate>;
type Struct = Decoded['structs'][number];

/** Whether `mine` adds to a server that answered with `theirs`: a vector tells of what was written, not of what was deleted. */
export function adds(mine: Uint8Array, theirs: Uint8Array): boolean {
  const { structs, ds } = decodeUpdate(mine);
  if (structs.length > 0) return true;
  const known = decodeUpdate(theirs).ds;
  return !equalDeleteSets(mergeDeleteSets([known, ds]), mergeDeleteSets([known, createDeleteSet()]));
}

/** The changes in as few pieces as fit, none longer than about `limit` bytes. */
export function pack(updates: readonly Uint8Array[], limit: number): Uint8Array[] {
  if (updates.length === 0) return [];
  const whole = updates.length === 1 ? (updates[0] as Uint8Array) : mergeUpdates([...updates]);
  return whole.length <= limit ? [whole] : cut(whole, limit);
}

/** A part of a struct: a long run of text is cut too. */
interface Part {
  struct: Struct;
  from: number;
  to: number;
}

function cut(update: Uint8Array, limit: number): Uint8Array[] {
  const { structs, ds } = decodeUpdate(update);
  const parts = structs.flatMap((struct) => divide(struct, limit / 2));
  const pieces: Uint8Array[] = [];
  let piece: Part[] = [];
  let size = 0;
  for (const part of parts) {
    const own = encode([part]).length;
    const last = piece.at(-1);
    if (last && (size + own > limit || !follows(last, part))) {
      pieces.push(encode(piece));
      [piece, size] = [[], 0];
    }
    piece.push(part);
    size += own;
  }
  if (piece.length > 0) pieces.push(encode(piece));
  return [...pieces, encodeDeletions(ds)];
}

const clockOf = ({ struct, from }: Part) => struct.id.clock + from;
const follows = (one: Part, next: Part) => one.struct.id.client === next.struct.id.client && clockOf(one) + one.to - one.from === clockOf(next);

function divide(struct: Struct, limit: number): Part[] {
  const whole = { struct, from: 0, to: struct.length };
  const size = encode([whole]).length;
  if (size <= limit || !(struct instanceof Item) || struct.length < 2) return [whole];
  const step = Math.max(1, Math.floor((struct.length * limit) / size / 2));
  const parts: Part[] = [];
  for (let from = 0, to; from < struct.length; from = to) {
    to = Math.min(from + step, struct.length);
    // Never between the two halves of one sign.
    if (struct.content instanceof ContentString && /[\uD800-\uDBFF]/.test(struct.content.str[to - 1] ?? '')) to++;
    parts.push({ struct, from, to });
  }
  return parts;
}

/** Parts of one client, one behind the other, as an update. */
function encode(parts: readonly Part[]): Uint8Array {
  const first = parts[0] as Part;
  const to = new UpdateEncoderV1();
  writeVarUint(to.restEncoder, 1);
  writeVarUint(to.restEncoder, parts.length);
  to.writeClient(first.struct.id.client);
  writeVarUint(to.restEncoder, clockOf(first));
  parts.forEach((part) => headOf(part).write(to, part.from));
  writeVarUint(to.restEncoder, 0);
  return to.toUint8Array();
}

/** The struct up to where the part ends; Yjs itself can leave out a beginning. */
function headOf({ struct, to }: Part): Struct {
  if (!(struct instanceof Item) || to === struct.length) return struct;
  const head = Object.assign(Object.create(Item.prototype) as Item, struct);
  head.content = struct.content.copy();
  head.content.splice(to);
  return head;
}

function encodeDeletions(ds: Decoded['ds']): Uint8Array {
  const to = new UpdateEncoderV1();
  writeVarUint(to.restEncoder, 0);
  writeVarUint(to.restEncoder, ds.clients.size);
  for (const [client, runs] of ds.clients) {
    to.resetDsCurVal();
    writeVarUint(to.restEncoder, client);
    writeVarUint(to.restEncoder, runs.length);
    for (const { clock, len } of runs) {
      to.writeDsClock(clock);
      to.writeDsLen(len);
    }
  }
  return to.toUint8Array();
}
