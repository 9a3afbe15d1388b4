import * as v from 'valibot';
import { expect, it } from 'vitest';
import { DocumentSearch, DocumentsSearch, toFilter } from './search';

it('an address that makes no sense shows all documents', () => {
  expect(toFilter(v.parse(DocumentsSearch, { place: 'nowhere', q: '  ', folder: 7 }))).toEqual({});
  expect(toFilter(v.parse(DocumentsSearch, { place: 'trash', q: ' گزارش ' }))).toEqual({ trashed: true, q: 'گزارش' });
  expect(v.parse(DocumentSearch, { side: 'what', version: 0 })).toEqual({ side: undefined, version: undefined });
});

it('in a folder no other place counts', () => {
  expect(toFilter(v.parse(DocumentsSearch, { folder: 'f1', place: 'mine' }))).toEqual({ folder: 'f1' });
});
