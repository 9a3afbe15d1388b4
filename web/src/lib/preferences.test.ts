import { describe, expect, it } from 'vitest';
import { complete, localeOf, readChoices, writeChoices } from './preferences';

describe('choices', () => {
  it('come back from the cookie as they were', () => {
    const choices = { lang: 'en', zone: 'Asia/Tehran', theme: 'dark' } as const;
    const [pair] = writeChoices(choices).split(';');
    expect(readChoices(`a=b; ${pair}; c=d`)).toEqual(choices);
  });

  it('that nobody could have made are dropped', () => {
    expect(readChoices('dabir_look=lang=xx&theme=dark&zone=Moon%2FBase&evil=1')).toEqual({ theme: 'dark' });
    expect(readChoices('')).toEqual({});
  });

  it('leave the rest to the language', () => {
    expect(complete({}, 'fa')).toMatchObject({ calendar: 'persian', digits: 'arabext', zone: 'Asia/Tehran' });
    expect(complete({ lang: 'en' }, 'fa')).toMatchObject({ calendar: 'gregory', digits: 'latn' });
    expect(localeOf(complete({ digits: 'latn' }, 'fa'))).toBe('fa-IR-u-ca-persian-nu-latn');
  });
});
