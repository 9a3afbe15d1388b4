import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem';
import type { Delivery, Webhook } from './api';
import { byGroup } from './events';
import { asksFor, hostOf, lookOf, lookOfDelivery, nameOf, readBody, reasonOf, refusedAt, tidied, toggled } from './model';
import { SAMPLES } from './samples';

describe('what a webhook asks for', () => {
  it('is a name, all of a kind, or everything', () => {
    expect(asksFor(['task.*'], 'task.due')).toBe(true);
    expect(asksFor(['task.*'], 'document.shared')).toBe(false);
    expect(asksFor(['*'], 'comet.seen')).toBe(true);
    expect(asksFor(['task.due'], 'task.due')).toBe(true);
    expect(asksFor(['task.due'], 'task.deleted')).toBe(false);
  });

  it('names nothing twice', () => {
    expect(tidied(toggled(['task.due', 'backup.failed'], 'task.*'))).toEqual(['backup.failed', 'task.*']);
    expect(tidied(toggled(['task.*', 'file.*'], '*'))).toEqual(['*']);
    expect(tidied(toggled(['task.*', 'file.*'], 'task.*'))).toEqual(['file.*']);
  });

  it('stands in groups in the order of people, and what is new behind it', () => {
    const names = ['comet.seen', 'task.new', 'task.deleted', 'backup.made', 'task.created'].map((name) => ({ name }));
    expect(byGroup(names).map(([group, events]) => [group, ...events.map(({ name }) => name)])).toEqual([
      ['task', 'task.created', 'task.deleted', 'task.new'],
      ['backup', 'backup.made'],
      ['comet', 'comet.seen'],
    ]);
  });
});

it('a webhook is called by what it is for, or by where it leads', () => {
  const url = 'https://hooks.example:8443/secret/path';
  expect(hostOf({ url })).toBe('hooks.example:8443');
  expect(nameOf({ url, description: '' })).toBe('hooks.example:8443');
  expect(nameOf({ url, description: 'Chat' })).toBe('Chat');
  expect(hostOf({ url: 'odd' })).toBe('odd');
});

it('one that is on and through which nothing gets is not well', () => {
  const look = (more: Partial<Webhook>) => lookOf(more as Webhook).tone;
  expect(look({ state: 'on', failing_since: null })).toBe('live');
  expect(look({ state: 'on', failing_since: '2026-11-22T09:00:00Z' })).toBe('bad');
  expect(look({ state: 'paused', failing_since: '2026-11-22T09:00:00Z' })).toBe('warn');
  expect(lookOfDelivery({ state: 'waiting', attempts: 0 } as Delivery).tone).toBe('wait');
  expect(lookOfDelivery({ state: 'waiting', attempts: 2 } as Delivery).tone).toBe('warn');
});

describe('what went wrong', () => {
  it('is said in plain words where there are some', () => {
    const inside = '`http://10.0.0.7/hook` is an address inside; the configuration file has to list it in `[egress] private`';
    expect(reasonOf(inside)?.id).toBeDefined();
    for (const error of ['it answered 503', 'it answered 410: nothing more is wanted there', 'it did not answer within 15 s', 'no connection: refused']) expect(reasonOf(error)).toBeDefined();
    expect(reasonOf('it answered 302; redirects are not followed, so write the address that it leads to')).not.toBe(reasonOf('it answered 503'));
    expect(reasonOf('something new')).toBeUndefined();
    expect(reasonOf(null)).toBeUndefined();
    const refused = (detail: string) => refusedAt(new Problem({ status: 422, code: 'notify.invalid', detail: '', errors: [{ field: 'url', detail }] }), 'url');
    expect(refused(inside)).toBe(reasonOf(inside));
    expect(refused('`x` is no address')).not.toBe(reasonOf(inside));
    expect(refusedAt(new Problem({ status: 422, code: 'notify.invalid', detail: '', errors: [] }), 'url')).toBeUndefined();
  });

  it('a body that is no JSON stays as it is', () => {
    expect(readBody('{"a":1}')).toEqual({ a: 1 });
    expect(readBody('<html>')).toBe('<html>');
  });
});

describe('the sample', () => {
  const secret = `whsec_${Buffer.from('a key of our own').toString('base64')}`;
  const body = '{"type":"task.completed"}';
  const signed = (at: number, by = 'a key of our own') => {
    const signature = createHmac('sha256', by).update(`msg_1.${at}.${body}`).digest('base64');
    return { 'webhook-id': 'msg_1', 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` };
  };

  it('knows what Dabir signed, and nothing else', async () => {
    const source = `data:text/javascript;base64,${Buffer.from(SAMPLES.javascript).toString('base64')}`;
    const { isFromDabir } = (await import(/* @vite-ignore */ source)) as { isFromDabir: (...all: unknown[]) => boolean };
    const now = Math.floor(Date.now() / 1000);
    const [mine, other] = [signed(now), signed(now, 'another key')];
    expect(isFromDabir(secret, mine, body)).toBe(true);
    expect(isFromDabir(secret, { ...mine, 'webhook-signature': `${other['webhook-signature']} ${mine['webhook-signature']}` }, body)).toBe(true);
    expect(isFromDabir(secret, other, body)).toBe(false);
    expect(isFromDabir(secret, mine, `${body} `)).toBe(false);
    expect(isFromDabir(secret, signed(now - 400), body)).toBe(false);
  });
});
