import { i18n } from '@lingui/core';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import type { Problem } from './api';
import { reasonOf, SENTENCES } from './problems';

const formats = new Formats(complete({ zone: 'Asia/Tehran', calendar: 'gregory', digits: 'latn' }, 'en'));
const say = (detail: string) => {
  const { words, told } = reasonOf({ detail } as Problem, formats);
  return [words && i18n._(words).replace(/[\u2066-\u2069]/g, ''), told];
};

const SOURCES = new URL(`file://${process.cwd()}/../crates/dabir-clients/src/`);
const source = (name: string) => readFileSync(new URL(name, SOURCES), 'utf8').replaceAll('\\"', '"').replaceAll('{{', '{').replaceAll('}}', '}');

describe('why something is a problem', () => {
  it('is said with its numbers, and with what others say of it', () => {
    expect(say('it has 8 × 9000 pixels; at least 16 and at most 10000 a side are taken')).toEqual(['It has 8 × 9,000 pixels.', null]);
    expect(say('it is not `{"clients": [names]}`: EOF at line 1')).toEqual(['It is not in the form {"clients": ["ali", "sara"]}.', 'EOF at line 1']);
    expect(say('this is no username: a name has at most 128 letters')).toEqual(['A username has at most 128 letters.', null]);
    expect(say('`/srv/people`: it is empty, as if its disk were not there')).toEqual(['It is empty, as if its disk were not there.', null]);
  });

  it('is said of what the machine and Redis answer, beside their own words', () => {
    expect(say('Permission denied (os error 13)')).toEqual(['Dabir may not do this.', 'Permission denied (os error 13)']);
    expect(say('NOPERM this user has no permissions')).toEqual(['Redis does not allow this user to do it.', 'NOPERM this user has no permissions']);
    expect(say('changes are seen after `clients.interval` only: No space left on device (os error 28)')[1]).toBe('No space left on device (os error 28)');
  });

  it('stays in the words of the server where nothing else is known', () => {
    expect(say('the moon is full')).toEqual([null, 'the moon is full']);
  });

  it('has words for the sentences of the server, and only for those', () => {
    const names = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs'));
    const all = names.map(source).join('\n');
    expect(Object.keys(SENTENCES).filter((part) => !all.includes(part))).toEqual([]);
    const told = ['available.rs', 'file.rs', 'name.rs'].flatMap((name) => [...source(name).matchAll(/#\[error\("(.*?)"[,)]/g)].map(([, text]) => text!));
    expect(told.length).toBeGreaterThan(10);
    expect(told.filter((text) => !Object.keys(SENTENCES).some((part) => text.includes(part)))).toEqual([]);
  });
});
