import { expect, it } from 'vitest';
import { curl } from './Calls';

it('a call is one line that a shell understands', () => {
  const origin = window.location.origin;
  expect(curl({ path: '/api/v1/port/state' })).toBe(`curl -H "Authorization: Bearer $DABIR_TOKEN" '${origin}/api/v1/port/state'`);
  expect(curl({ method: 'POST', path: '/x', body: { name: "it's" } })).toBe(
    `curl -X POST -H "Authorization: Bearer $DABIR_TOKEN" --json '{"name":"it'\\''s"}' '${origin}/x'`,
  );
});
