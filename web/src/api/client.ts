// The typed client. A call gives what was asked for or throws a `Problem`.

import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { paths } from './schema.gen';

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at each call, so that tests may stand in for it.
  fetch: (request) => fetch(request),
});

api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.of(response);
  },
  onError({ error }) {
    return error instanceof DOMException && error.name === 'AbortError' ? error : Problem.unreachable();
  },
});

/** What a call answered. The client throws for every other end, so there is something. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
