import { expect, it } from 'vitest';
import { toBody } from './NewUser';

const values = { name: ' سارا ', email: ' sara@example.org ', role: 'operator', language: 'fa', way: 'link', password: 'left over' } as const;

it('who comes by a link has no password', () => {
  expect(toBody({ ...values })).toEqual({ name: 'سارا', email: 'sara@example.org', role: 'operator', language: 'fa' });
});

it('a password is sent as it was typed', () => {
  expect(toBody({ ...values, way: 'password', password: ' گذر واژه ۱ ' }).password).toBe(' گذر واژه ۱ ');
});
