import { i18n } from '@lingui/core';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Formats } from '../../lib/formats';
import { complete } from '../../lib/preferences';
import { CODES, explain } from './reasons';

const formats = new Formats(complete({ zone: 'Asia/Tehran', calendar: 'gregory', digits: 'latn' }, 'en'));
const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, '');
const say = (code: string, facts: Record<string, unknown>, text = 'as the server says') => {
  const { words, detail } = explain({ code, facts, text }, formats);
  return { words: words && plain(i18n._(words)), detail };
};

describe('a reason', () => {
  it('is said with its facts', () => {
    expect(say('port.out_of_range', { port: 80, low: 3000, high: 9000 })).toEqual({ words: 'Port 80 is outside 3000 to 9000.', detail: null });
    expect(say('time.ahead', { begin: '2090-01-01T10:00:00Z' }).words).toBe('It begins at 2090-01-01 13:30.');
    expect(say('source.on', {}).words).toBe('Its source says that it runs; it takes a free port.');
    expect(say('source.on', { port: 3001 }).words).toBe('Its source says that it runs; it takes port 3001.');
  });

  it('keeps the sentence of the server where it tells more, or where nothing else is known', () => {
    expect(say('room.crashed', { last_line: 'boom' })).toEqual({ words: 'Its room ended all of a sudden.', detail: 'as the server says' });
    expect(say('moon.full', {})).toEqual({ words: null, detail: 'as the server says' });
    expect(say('', {})).toEqual({ words: null, detail: 'as the server says' });
  });

  it('has words for every code of the server', () => {
    const source = new URL(`file://${process.cwd()}/../crates/dabir-meetings/src/`);
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.rs'));
    const text = files.map((name) => readFileSync(new URL(name, source), 'utf8')).join('\n');
    const codes = new Set([...text.matchAll(/"((?:time|operator|source|end|port|room)\.[a-z_]+)"/g)].map(([, code]) => code));
    codes.delete('room.log');
    codes.delete('room.lock');
    codes.delete('room.json');
    // Whatever else the port manager says, it says itself.
    codes.delete('port.failed');
    expect([...codes].sort()).toEqual([...CODES].sort());
  });
});
