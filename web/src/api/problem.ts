// Why a call was not done: what the server said, or that it did not answer at all.

import type { components } from './schema.gen';

type Body = components['schemas']['Problem'];
export type FieldError = components['schemas']['FieldError'];

/** The code of a problem that the server had no part in. */
export const UNREACHABLE = 'network.unreachable';

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly fields: readonly FieldError[];

  constructor(body: Partial<Body> & Pick<Body, 'status' | 'code' | 'detail'>) {
    super(body.detail);
    this.name = 'Problem';
    this.status = body.status;
    this.code = body.code;
    this.requestId = body.request_id ?? null;
    this.fields = body.errors ?? [];
  }

  static async of(response: Response): Promise<Problem> {
    const body: unknown = await response.json().catch(() => null);
    if (isBody(body)) return new Problem(body);
    // A proxy in between answers in its own way.
    const requestId = response.headers.get('x-request-id') ?? undefined;
    const detail = `${response.status} ${response.statusText}`.trim();
    return new Problem({ status: response.status, code: 'network.foreign', detail, request_id: requestId });
  }

  static unreachable(): Problem {
    return new Problem({ status: 0, code: UNREACHABLE, detail: 'the server does not answer' });
  }

  /** Whether to ask again may help by itself. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

function isBody(body: unknown): body is Body {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'status' in body;
}
