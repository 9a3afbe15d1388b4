// Clients for tests.

import type { Client } from '../features/clients/api';

export const client = (username: string, more: Partial<Client> = {}): Client => ({
  username, name: username, state: 'deactivated', paused: false, blocked: false, reason: null, until: null, by: null, room: null, pipeline: null, source: 'hand', last_seen: null,
  available: true, photo: null, places: [], close: null, version: 1, ...more,
});
