// What the server tells while it happens: `GET /api/v1/events`, and what it told last: `GET /api/v1/events/recent`.

import * as v from 'valibot';

const Event = v.variant('type', [
  v.object({ type: v.literal('audited'), action: v.string(), target_kind: v.string(), target_id: v.string() }),
  v.object({ type: v.literal('backup_changed'), name: v.string(), status: v.string(), detail: v.string() }),
  v.object({ type: v.literal('clients_changed'), offset: v.number() }),
  v.object({ type: v.literal('clients_lost'), username: v.string(), others: v.number(), room: v.string() }),
  v.object({ type: v.literal('clients_ordered'), order: v.string(), username: v.string(), others: v.number(), reason: v.string(), by: v.string() }),
  v.object({ type: v.literal('clients_problems_changed') }),
  v.object({ type: v.literal('document_changed'), id: v.string() }),
  v.object({ type: v.literal('file_changed'), id: v.string(), state: v.string(), owner_id: v.string() }),
  v.object({ type: v.literal('jobs_changed') }),
  v.object({ type: v.literal('meeting_changed'), id: v.string(), name: v.string(), state: v.string() }),
  v.object({ type: v.literal('meeting_removed'), id: v.string(), name: v.string() }),
  v.object({ type: v.literal('notifications_changed'), user_id: v.string() }),
  v.object({ type: v.literal('participants_changed'), id: v.string(), name: v.string(), clients: v.number() }),
  v.object({ type: v.literal('port_picked'), port: v.number(), owner: v.string() }),
  v.object({ type: v.literal('port_released'), port: v.number() }),
  v.object({ type: v.literal('session_ended'), user_id: v.string() }),
  v.object({ type: v.literal('settings_changed') }),
  v.object({ type: v.literal('source_changed'), source: v.string(), ok: v.boolean(), detail: v.string() }),
  v.object({ type: v.literal('sync_changed'), source: v.string(), status: v.string(), detail: v.string() }),
  v.object({ type: v.literal('task_changed'), id: v.string(), number: v.number(), status: v.string() }),
  v.object({ type: v.literal('task_removed'), id: v.string(), number: v.number() }),
]);

export type LiveEvent = v.InferOutput<typeof Event>;

/** An event, its place in the stream, and when it happened. */
export interface Happened {
  number: number;
  at: string;
  event: LiveEvent;
}

const Mark = v.object({ event_id: v.number(), at: v.string() });

/** `null` for events that this page knows nothing of. */
export function readHappened(told: unknown): Happened | null {
  const [mark, event] = [v.safeParse(Mark, told), v.safeParse(Event, told)];
  if (!mark.success || !event.success) return null;
  return { number: mark.output.event_id, at: mark.output.at, event: event.output };
}

/** The same, of a line of the stream. */
export function readEvent(data: string): Happened | null {
  try {
    return readHappened(JSON.parse(data));
  } catch {
    return null;
  }
}
