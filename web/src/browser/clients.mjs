// Clients for the browser tests. Who is connected is written into the database beside the server, as another process
// that shares it would: it would take a room and a person for each.

import { crc32, deflateSync } from 'node:zlib';
import { write } from './jobs.mjs';

/** What is in the folder of available clients: photos of two of them, and what is none. */
export const PHOTOS = { 'ali/1.png': portrait(30, 60, 140), 'sara.png': portrait(150, 50, 70), 'reza.png': 'no picture at all' };

/** Somebody from the shoulders up, in PNG. */
export function portrait(red, green, blue, [width, height] = [120, 160]) {
  const ink = (x, y) => {
    const isHead = (x - 60) ** 2 + (y - 62) ** 2 < 30 ** 2;
    const isBody = y > 100 && (x - 60) ** 2 / 48 ** 2 + (y - 160) ** 2 / 60 ** 2 < 1;
    return isHead ? [224, 190, 160] : isBody ? [red, green, blue] : [232, 228, 218];
  };
  const line = (y) => [0, ...Array.from({ length: width }, (_, x) => ink(x, y)).flat()];
  const raw = Buffer.from(Array.from({ length: height }, (_, y) => line(y)).flat());
  const part = (type, data) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const number = (value) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value); return bytes; };
    return Buffer.concat([number(data.length), named, number(crc32(named))]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), part('IHDR', head), part('IDAT', deflateSync(raw)), part('IEND', Buffer.alloc(0))]);
}

/** Clients as a file would name them; the last one has a name that is longer than any phone is wide. */
export const NAMES = [
  { username: 'ali', name: 'علی رضایی', room: 'class 12' },
  { username: 'mina', name: 'مینا كريمي', room: 'class 12' },
  { username: 'sara', name: 'Sara Ahmadi', room: 'class 12' },
  { username: 'reza', name: 'رضا موسوی', pipeline: 'face check' },
  { username: 'کیانا', name: 'کیانا یوسفی' },
  { username: 'exam-desk-07', name: 'میز آزمون ۷' },
  { username: 'neda', name: 'ندا محمدی' },
  { username: 'a-camera-of-the-east-wing-with-a-very-long-name', name: 'دوربین سالن شرقی دانشکدهٔ مهندسی، کنار در اضطراری طبقهٔ دوم' },
];

/** Clients in every state, with reasons, seats and what happened to them. */
export async function furnishClients(dabir) {
  const order = (username, what, body) => dabir.api('POST', `/clients/${encodeURIComponent(username)}/${what}`, body);
  await dabir.api('POST', '/clients/assignments/capacity', { kind: 'room', name: 'class 12', capacity: 3 });
  await dabir.api('POST', '/clients/import', { clients: NAMES });
  await dabir.api('POST', '/clients/assignments/assign', { username: 'neda', kind: 'room', name: 'class 12', wait: true });
  await order('sara', 'pause', { reason: 'میکروفن باز مانده است', until: new Date(Date.now() + 3_600_000).toISOString() });
  await order('mina', 'pause', { reason: 'mistake' });
  await order('mina', 'resume');
  await order('reza', 'block', { reason: 'عکس با کارت دانشجویی نمی‌خواند؛ تا بررسی آموزش راه داده نشود', until: new Date(Date.now() + 30 * 86_400_000).toISOString() });
  await order('a stranger', 'block', { reason: 'tried the names of others' });
  await happen(dabir, [
    ['ali', 'joined', 'class 12', 50],
    ['ali', 'lost', 'class 12', 31],
    ['ali', 'rejoined', 'class 12', 30],
    ['ali', 'left', 'class 12', 20],
    ['ali', 'joined', 'class 12', 10],
    ['mina', 'joined', 'class 12', 9],
    ['کیانا', 'joined', 'redis', 8],
    ['exam-desk-07', 'joined', 'class 12', 8],
    ['exam-desk-07', 'lost', 'class 12', 1],
  ]);
}

const ago = (minutes) => Date.now() - minutes * 60_000;

/** Lets places tell of people: `[username, kind, place, minutes ago]`, the last of each is how they stand. */
export async function happen(dabir, told) {
  const { offset } = await dabir.api('GET', '/clients?limit=1');
  write(dabir, {
    client_presence: told.map(([username, kind, place, minutes]) => ({ username, place, state: kind === 'lost' ? 'lost' : 'connected', since: ago(minutes) })),
    client_event: told.map(([username, kind, detail, minutes], i) => ({ id: offset + 1 + i, username, kind, detail, by: 'system', at: ago(minutes) })),
    client_offset: [{ id: 1, value: offset + told.length }],
  });
  await until(async () => (await dabir.api('GET', '/clients?limit=1')).offset >= offset + told.length);
}

/** Makes `count` clients at once, as a backup that is played back would. */
export async function crowd(dabir, count) {
  const { offset } = await dabir.api('GET', '/clients?limit=1');
  const client = (_, i) => ({ username: `desk ${String(i).padStart(6, '0')}`, name: `میز ${i}`, source: 'import', available: 1, version: 1, created_at: ago(60), updated_at: ago(60) });
  const newest = offset + 2;
  write(dabir, {
    client: Array.from({ length: count }, client),
    // Between this event and the last one lies one that nobody remembers, so that everything is read anew.
    client_event: [{ id: newest, username: 'desk 000000', kind: 'added', detail: 'import', by: 'system', at: ago(0) }],
    client_offset: [{ id: 1, value: newest }],
  });
  await until(async () => (await dabir.api('GET', '/clients?limit=1')).totals.all >= count);
}

export async function until(isSo) {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}
