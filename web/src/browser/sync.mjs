// A university's gateway for the browser tests: it signs in, serves students by campus and term in pages, and does as it
// is told.

import { once } from 'node:events';
import http from 'node:http';

export const LOGIN = { userName: 'dabir', password: 'correct horse battery' };
const TOKEN = 'a-token-that-nobody-may-see';

const FIRST = ['مریم', 'علی', 'زهرا', 'رضا', 'كيميا', 'Sara'];
const LAST = ['کریمی', 'احمدی', 'رضایی', 'يوسفي', 'موسوی', 'Amini'];

/** Starts one; change `told` at any time. */
export async function startGateway(told = {}) {
  const state = { rows: 8, broken: new Set(), nameless: 0, gone: 0, changed: 0, wait: null, asked: [], ...told };
  const server = http.createServer((request, response) => void answer(state, request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, told: state, close: () => (server.closeAllConnections(), server.close()) };
}

async function answer(state, request, response) {
  const body = await json(request);
  const send = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/Login') return isRight(body) ? send(200, { data: { token: TOKEN } }) : send(401, { error: 'no' });
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(401, { error: 'who are you' });
  const { codePardis = '', term = '', paging } = body;
  state.asked.push(`${codePardis}/${term}/${paging.pageNumber}`);
  if (state.wait) await state.wait(codePardis, term, paging.pageNumber);
  if (state.broken.has(codePardis)) return send(400, { error: 'this campus is being repaired' });
  const rows = rowsOf(state, codePardis, term);
  const begin = (paging.pageNumber - 1) * paging.pageSize;
  return send(200, { data: rows.slice(begin, begin + paging.pageSize), totalCount: rows.length });
}

const isRight = ({ userName, password }) => userName === LOGIN.userName && password === LOGIN.password;

async function json(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString() || '{}');
}

/** The first ones have no number, the last ones are gone, and the cities of some have changed. */
function rowsOf({ rows, nameless, gone, changed }, campus, term) {
  return Array.from({ length: rows - gone }, (_, place) => ({
    studentnum: place < nameless ? null : Number(`${campus}${term}${String(place).padStart(4, '0')}`),
    name: FIRST[place % FIRST.length],
    family: LAST[(place + Math.floor(place / FIRST.length)) % LAST.length],
    code: `${campus}-${term}-${place}`,
    city: place < changed ? 'شیراز' : 'تهران',
    level: 'کارشناسی',
  }));
}

/** What points the predefined students at a gateway, with its login. */
export const pointedAt = ({ url }, more = {}) => ({
  request: { url: `${url}/API/Golestan/Students_2` },
  login: { url: `${url}/Login`, body: LOGIN },
  page_size: 4,
  retries: 0,
  ...more,
});

/** Syncs a source and waits until it is over. */
export async function syncNow({ api }, name, mode = 'full') {
  const { id } = await api('POST', `/sources/${name}/sync`, { mode });
  for (;;) {
    const run = await api('GET', `/runs/${id}`);
    if (run.status !== 'pending' && run.status !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A gate that every page waits at until it is opened. */
export function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { wait: () => opened, open };
}

/** One of everything that the pages show: what failed, what runs, what waits in quarantine, who is gone. */
export async function furnishSync(dabir) {
  const [calm, busy] = [await startGateway({ rows: 12 }), await startGateway({ rows: 12 })];
  const change = (name, patch) => dabir.api('PATCH', `/sources/${name}`, patch);
  const lists = { campus: ['1100', '1101', '1102', '1103'], term: ['4001', '4002', '4003'] };
  await change('students', pointedAt(calm, { partitions: lists, enabled: true }));
  await syncNow(dabir, 'students');
  Object.assign(calm.told, { broken: new Set(['1102']), nameless: 2, changed: 4, gone: 1 });
  await syncNow(dabir, 'students');
  const spec = { table: 'graduates', key: ['studentnum'], body: { codePardis: '{campus}', term: '{term}', paging: { pageNumber: '{page}', pageSize: '{page_size}' } }, records: 'data', total: 'totalCount', partitions: lists, enabled: false };
  await dabir.api('POST', '/sources', { ...spec, ...pointedAt(busy, { request: { method: 'POST', url: `${busy.url}/graduates` }, login: { url: `${busy.url}/Login`, body: LOGIN, token: 'data.token' } }), name: 'graduates', concurrency: 2, request_timeout: '1h' });
  const { wait, open } = gate();
  busy.told.wait = (campus, term, page) => (`${campus}${term}` >= '11014002' && page > 1 ? wait() : undefined);
  const { id } = await dabir.api('POST', '/sources/graduates/sync', { mode: 'full' });
  while ((await dabir.api('GET', `/runs/${id}`)).progress.done < 50) await new Promise((resolve) => setTimeout(resolve, 50));
  const close = () => (open(), calm.close(), busy.close());
  return { close };
}
