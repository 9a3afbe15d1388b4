import { describe, expect, it } from 'vitest';
import type { Token } from './api';
import { toBody, toneOf, type Values } from './model';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const values: Values = { name: ' backup ', scopes: ['read'], lasts: '90d', until: '2026-11-21T12:00:00Z' };

describe('a new token', () => {
  it('lasts for a span, until a moment, or for ever', () => {
    expect(toBody(values, NOW)).toEqual({ name: 'backup', scopes: ['read'], expires: '90d' });
    expect(toBody({ ...values, lasts: 'day' }, NOW).expires).toBe('86400s');
    expect(toBody({ ...values, lasts: 'never' }, NOW)).not.toHaveProperty('expires');
  });
});

it.each([
  [null, 'wait'],
  ['2027-01-01T00:00:00Z', 'live'],
  ['2026-11-22T00:00:00Z', 'warn'],
  ['2026-11-20T11:59:59Z', 'over'],
])('a token that ends %s is %s', (expires_at, tone) => {
  expect(toneOf({ expires_at } as Token, NOW)).toBe(tone);
});
