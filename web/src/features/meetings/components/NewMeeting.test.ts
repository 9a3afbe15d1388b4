import { expect, it } from 'vitest';
import { isPort, toBody } from './NewMeeting';

const values = { name: ' Sprint ', begins: 'now', at: '2026-11-21T10:00:00Z', minutes: '90', port: '' } as const;

it('a name is enough', () => {
  expect(toBody({ ...values })).toEqual({ name: 'Sprint', duration: '90m' });
});

it('a later beginning and a port in any digits are sent along', () => {
  expect(toBody({ ...values, begins: 'later', port: '۸۰۸۱' })).toEqual({ name: 'Sprint', duration: '90m', date_time: values.at, port: 8081 });
});

it.each([['', true], ['۸۰۸۱', true], ['65535', true], ['65536', false], ['0', false], ['http', false]])('%j as a port: %s', (text, good) => {
  expect(isPort(text)).toBe(good);
});
