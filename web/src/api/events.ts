// What the server tells while it happens: `GET /api/v1/events`.

import * as v from 'valibot';

const Event = v.variant('type', [
  v.object({ type: v.literal('meeting_changed'), id: v.string(), state: v.string() }),
  v.object({ type: v.literal('meeting_removed'), id: v.string() }),
  v.object({ type: v.literal('participants_changed'), id: v.string(), clients: v.number() }),
  v.object({ type: v.literal('port_picked'), port: v.number(), owner: v.string() }),
  v.object({ type: v.literal('port_released'), port: v.number() }),
  v.object({ type: v.literal('session_ended'), user_id: v.string() }),
  v.object({ type: v.literal('settings.changed') }),
  v.object({ type: v.literal('source_changed'), source: v.string(), ok: v.boolean(), detail: v.string() }),
]);

export type LiveEvent = v.InferOutput<typeof Event>;

/** `null` for events that this page knows nothing of. */
export function readEvent(data: string): LiveEvent | null {
  try {
    return v.parse(Event, JSON.parse(data));
  } catch {
    return null;
  }
}
