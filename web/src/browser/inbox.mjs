// What stands in somebody's inbox in pictures, and a receiver of webhooks with what it was sent.

import { once } from 'node:events';
import http from 'node:http';
import { until } from './clients.mjs';
import { write } from './jobs.mjs';

const HOUR = 3_600_000;
const ago = (hours) => Date.now() - hours * HOUR;

/** Puts a line into somebody's inbox; `more` are columns of it. */
export function line(user, event, subject, hours, { data = {}, ...more } = {}) {
  const [kind] = event.split('.');
  const subject_kind = kind === 'sync' ? 'source' : kind;
  const at = ago(hours);
  return { user_id: user.id, event, subject_kind, subject_id: subject.id, subject_name: subject.name, by_name: 'سارا احمدی', times: 1, data: JSON.stringify(data), first_at: at, at, seen_at: null, snoozed_until: null, ...more };
}

/** One of everything that somebody is told, over a few days. */
export function furnishInbox(dabir, user, { task, document, file }) {
  const report = { id: String(task ?? 1), name: 'گزارش بودجهٔ سال را بفرست' };
  const minutes = { id: document?.id ?? 'x', name: 'صورت‌جلسهٔ آذر' };
  const seen = (hours) => ({ seen_at: ago(hours) });
  const said = (text) => ({ data: { comment: { id: 'c1', thread: null, text, mentions: [] } } });
  write(dabir, {
    notification: [
      line(user, 'task.assigned', report, 0.2),
      line(user, 'task.commented', report, 0.5, { times: 3, by_name: 'Reza', ...said('I have asked for them; they come tomorrow.') }),
      line(user, 'document.mentioned', minutes, 1, said('نام حاضران را هم بنویسید، لطفاً تا پیش از ظهر فردا که به شورا می‌رود.')),
      line(user, 'file.failed', { id: file ?? 'x', name: 'broken.pdf' }, 2, { by_name: 'dabir', data: { error: { code: 'broken', detail: 'the file is damaged' } } }),
      line(user, 'sync.failed', { id: 'students', name: 'students' }, 26, { by_name: 'dabir', data: { source: 'students', error_message: 'the gateway answered 503' } }),
      line(user, 'document.shared', minutes, 27, seen(20)),
      line(user, 'task.due', { id: report.id, name: 'Rehearse the opening with a title that is longer than any phone is wide, and then some' }, 50, { by_name: 'dabir', ...seen(30) }),
      line(user, 'backup.failed', { id: '', name: '' }, 52, { by_name: 'dabir', data: { name: '', detail: 'the disk is full' }, ...seen(51) }),
      line(user, 'task.completed', report, 74, seen(60)),
    ],
  });
}

/** A receiver that keeps what it is sent and answers as it is told to; what leads to `/gone` is gone. */
export async function startReceiver() {
  const received = [];
  const answers = { status: 204, text: '' };
  const server = http.createServer(async (request, response) => {
    const parts = await request.toArray();
    received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
    const status = request.url.endsWith('/gone') ? 410 : answers.status;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(answers.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => (server.closeAllConnections(), server.close());
  return { url: `http://127.0.0.1:${server.address().port}/dabir`, received, answers, close };
}

/** One through which nothing gets just now, one that is paused and one that is gone. */
export async function furnishWebhooks(dabir) {
  const receiver = await startReceiver();
  const make = (description, events, path = '') => dabir.api('POST', '/webhooks', { url: receiver.url + path, description, events });
  const working = await make('سامانهٔ گزارش‌های دانشکده', ['task.*', 'document.published', 'backup.failed']);
  const [first, second] = [await dabir.api('POST', '/tasks', { title: 'فرستادن صورت‌جلسه' }), await dabir.api('POST', '/tasks', { title: 'Order chairs for the opening' })];
  await until(() => receiver.received.length >= 2);
  await dabir.api('POST', `/webhooks/${working.id}/test`, { event: 'task.created' });
  receiver.answers.status = 503;
  receiver.answers.text = 'the database is being moved; come back later';
  await dabir.api('DELETE', `/tasks/${first.number}`);
  await dabir.api('DELETE', `/tasks/${second.number}`);
  await until(async () => (await dabir.api('GET', `/webhooks/${working.id}`)).failing_since);
  const paused = await make('', ['*'], '/a/longer/path/to/the/receiver/of/everything');
  const gone = await make('Chat of the operators', ['user.created', 'sync.late'], '/gone');
  await dabir.api('POST', '/users', { name: 'Omid', email: 'omid@example.org', role: 'participant' });
  await until(async () => (await dabir.api('GET', `/webhooks/${gone.id}`)).state === 'off');
  await dabir.api('PATCH', `/webhooks/${paused.id}`, { state: 'paused' });
  return { working: working.id, paused: paused.id, gone: gone.id, close: receiver.close };
}
