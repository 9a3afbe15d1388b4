// The typed client. A call gives what was asked for or throws a `Problem`.

import createClient from 'openapi-fetch';
import { Problem } from './problem';
import type { paths } from './schema.gen';

/** What no form of a foreign page could send; the server wants it of everything that a cookie speaks for. */
const HEADERS = { 'x-dabir-csrf': '1' };

export const api = createClient<paths>({ baseUrl: window.location.origin, headers: HEADERS, fetch: ask });

/** Access lasts for minutes and the session longer: what was refused is asked once more with new access. */
async function ask(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  return response.status === 401 && (await renewAccess()) ? fetch(again) : response;
}

let renewal: Promise<boolean> | null = null;

/** Gets new access for the session, once for all who ask meanwhile: `false` when it is over. Fails while nobody can say. */
export function renewAccess(): Promise<boolean> {
  renewal ??= refresh();
  return renewal.finally(() => (renewal = null));
}

async function refresh(): Promise<boolean> {
  const response = await fetch('/api/v1/auth/refresh', { method: 'POST', headers: HEADERS }).catch(() => null);
  if (response?.ok) return true;
  const problem = response ? await Problem.of(response) : Problem.unreachable();
  if (problem.status === 401) return false;
  throw problem;
}

api.use({
  async onResponse({ response }) {
    if (!response.ok) throw await Problem.of(response);
  },
  onError({ error }) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError')) return error;
    return Problem.unreachable();
  },
});

/** What a call answered. The client throws for every other end, so there is something. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}
