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

  it('that a cookie speaks for could not come of a form', async () => {
    const fetch = answering('{}', { status: 200 });
    await answer(api.POST('/api/v1/meetings/refresh'));
    expect((fetch.mock.calls[0]?.[0] as Request).headers.get('x-dabir-csrf')).toBe('1');
  });

  it('is made again when access was too old, which is renewed once for all', async () => {
    let good = false;
    const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      if (typeof input === 'string') good = true;
      return new Response('{"items":[]}', { status: typeof input === 'string' || good ? 200 : 401 });
    });
    expect(await Promise.all([answer(api.GET('/api/v1/meetings')), answer(api.GET('/api/v1/meetings'))])).toHaveLength(2);
    expect(fetch.mock.calls.filter(([input]) => input === '/api/v1/auth/refresh')).toHaveLength(1);
  });

  it('is refused when the session is over', async () => {
    answering('{"code":"auth.required","detail":"sign in","status":401}', { status: 401 });
    expect(await failure()).toMatchObject({ status: 401, code: 'auth.required' });
  });

  it('ends no session while nobody can say whether it is over', async () => {
    const refused = () => new Response('{"code":"auth.required","detail":"sign in","status":401}', { status: 401 });
    const busy = () => new Response('{"code":"rate.limited","detail":"later","status":429}', { status: 429 });
    const broken = () => new Response('{"code":"internal","detail":"it broke","status":500}', { status: 500 });
    const fetch = vi.spyOn(globalThis, 'fetch');
    fetch.mockImplementation(async (input) => (typeof input === 'string' ? busy() : refused()));
    expect(await failure()).toMatchObject({ status: 429, passing: true });
    fetch.mockImplementation(async (input) => (typeof input === 'string' ? broken() : refused()));
    expect(await failure()).toMatchObject({ status: 500 });
    fetch.mockImplementation(async (input) => (typeof input === 'string' ? Promise.reject(new TypeError('Failed to fetch')) : refused()));
    expect(await failure()).toMatchObject({ code: 'network.unreachable', passing: true });
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
