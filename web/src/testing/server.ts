// A server that answers as a test says, by method and path, and keeps what it was asked.

import { vi } from 'vitest';

type Answer = unknown | ((body: unknown) => unknown);

export interface Asked {
  call: string;
  body: unknown;
}

/** An answer that is a `Refusal` is a problem of the server. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: { field: string; detail: string }[] = [],
  ) {}
}

/** `answers` are by `GET /api/v1/users`; what is not there is a 404. */
export function serve(answers: Record<string, Answer>): Asked[] {
  const asked: Asked[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request;
    const call = `${request.method} ${new URL(request.url).pathname}`;
    const text = await request.clone().text();
    const body: unknown = text ? JSON.parse(text) : undefined;
    asked.push({ call, body });
    const known = call in answers ? answers[call] : new Refusal(404, 'path.unknown', `nothing answers ${call}`);
    const answer: unknown = typeof known === 'function' ? known(body) : known;
    return answer instanceof Refusal ? refuse(answer) : Response.json(answer ?? null);
  });
  return asked;
}

function refuse({ status, code, detail, errors }: Refusal): Response {
  return Response.json({ status, code, detail, errors, title: '', type: 'about:blank', instance: '/', request_id: 'r1' }, { status });
}
