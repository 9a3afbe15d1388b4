import { parse } from 'valibot';
import { expect, it } from 'vitest';
import { kindsFor } from '../../lib/kinds';
import { FindSearch, toAsked, writeKinds } from './search';

it('words and kinds stand in the address, and what makes no sense is left out', () => {
  expect(parse(FindSearch, { q: 'بودجه', kinds: 'task,document,comet' })).toEqual({ q: 'بودجه', kinds: 'document,task' });
  expect(parse(FindSearch, { q: 1405, kinds: 'comet' })).toEqual({ q: '1405', kinds: undefined });
  expect(parse(FindSearch, { q: { not: 'words' }, kinds: 7 })).toEqual({ q: undefined, kinds: undefined });
});

it('an address says what is asked', () => {
  expect(toAsked({ q: 'plan ', kinds: 'document,task' })).toEqual({ q: 'plan ', kinds: ['document', 'task'] });
  expect(toAsked({})).toEqual({ q: '', kinds: [] });
  expect(writeKinds(['client', 'file'])).toBe('file,client');
  expect(writeKinds([])).toBeUndefined();
});

it('whoever only writes is offered no clients', () => {
  expect(kindsFor('writer')).toEqual(['document', 'task', 'file', 'user']);
  for (const role of ['auditor', 'operator', 'admin'] as const) expect(kindsFor(role)).toContain('client');
});
