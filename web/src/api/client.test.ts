import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, api } from './client';
import { Problem } from './problem';

const answering = (body: string, init: ResponseInit) => vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(body, init));

async function failure(): Promise<Problem> {
  const error = await answer(api.GET('/api/v1/meetings')).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(Problem);
  return error as Problem;
}

afterEach(() => vi.restoreAllMocks());

describe('a call', () => {
  it('gives what was asked for', async () => {
    answering('{"items":[]}', { status: 200, headers: { 'content-type': 'application/json' } });
    expect(await answer(api.GET('/api/v1/meetings'))).toEqual({ items: [] });
  });

  it('throws what the server said', async () => {
    const body = { type: 'urn:x', title: 'Conflict', status: 409, detail: 'it is over', instance: '/x', code: 'meetings.state', request_id: 'r1' };
    answering(JSON.stringify(body), { status: 409, headers: { 'content-type': 'application/problem+json' } });
    expect(await failure()).toMatchObject({ status: 409, code: 'meetings.state', message: 'it is over', requestId: 'r1', passing: false });
  });

  it('says when something in between answered', async () => {
    answering('<h1>Bad Gateway</h1>', { status: 502, statusText: 'Bad Gateway', headers: { 'x-request-id': 'r2' } });
    expect(await failure()).toMatchObject({ status: 502, code: 'network.foreign', requestId: 'r2', passing: true });
  });

  it('says when nobody answered', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'));
    expect(await failure()).toMatchObject({ code: 'network.unreachable', passing: true });
  });
});
