import * as v from 'valibot';
import { expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import { AuditSearch, toFilter } from './search';

const formats = new Formats(complete({ zone: 'Asia/Tehran' }, 'fa'));

it('asks for days as the reader has them, both included', () => {
  expect(toFilter({ what: 'meeting', from: '2026-11-20', to: '2026-11-20' }, formats)).toEqual({
    action: 'meeting', from: '2026-11-19T20:30:00.000Z', until: '2026-11-20T20:30:00.000Z',
  });
});

it('keeps of an address what makes sense', () => {
  expect(v.parse(AuditSearch, { who: 'u1', from: 'yesterday', x: 1 })).toMatchObject({ who: 'u1', from: undefined });
});
