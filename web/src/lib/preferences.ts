// How one person wants to read: language, calendar, digits, zone, theme, density.

export type Lang = 'fa' | 'en';

export interface Preferences {
  lang: Lang;
  calendar: 'persian' | 'gregory';
  digits: 'arabext' | 'latn';
  /** An IANA name. */
  zone: string;
  theme: 'auto' | 'light' | 'dark';
  density: 'comfortable' | 'compact';
}

/** What somebody chose; the rest follows the language. */
export type Choices = { [K in keyof Preferences]?: Preferences[K] | undefined };

/** The server reads `lang` and `theme` of it too, so that the page comes as it will stay. */
const COOKIE = 'dabir_look';
const YEAR = 31_536_000;

const ALLOWED: { [K in keyof Preferences]?: readonly string[] } = {
  lang: ['fa', 'en'],
  calendar: ['persian', 'gregory'],
  digits: ['arabext', 'latn'],
  theme: ['auto', 'light', 'dark'],
  density: ['comfortable', 'compact'],
};

export function readChoices(cookies: string): Choices {
  const value = cookies.split('; ').find((pair) => pair.startsWith(`${COOKIE}=`));
  const pairs = new URLSearchParams(value?.slice(COOKIE.length + 1));
  return Object.fromEntries([...pairs].filter(([key, value]) => isAllowed(key, value)));
}

function isAllowed(key: string, value: string): boolean {
  return key === 'zone' ? isZone(value) : (ALLOWED[key as keyof Preferences]?.includes(value) ?? false);
}

export function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

export function writeChoices(choices: Choices): string {
  return `${COOKIE}=${new URLSearchParams(chosen(choices))}; Path=/; Max-Age=${YEAR}; SameSite=Lax`;
}

/** Without what was given back to the language. */
function chosen(choices: Choices): Partial<Preferences> {
  return Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined));
}

/** What is new or otherwise than before; `undefined` was given back to the language. */
export function changes(next: Choices, before: Choices): Choices {
  const keys = Object.keys(next) as (keyof Choices)[];
  return Object.fromEntries(keys.filter((key) => !(key in before) || next[key] !== before[key]).map((key) => [key, next[key]]));
}

export function complete(choices: Choices, pageLang: Lang): Preferences {
  const lang = choices.lang ?? pageLang;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const own: Pick<Preferences, 'calendar' | 'digits' | 'zone'> =
    lang === 'fa'
      ? { calendar: 'persian', digits: 'arabext', zone: 'Asia/Tehran' }
      : { calendar: 'gregory', digits: 'latn', zone: here };
  return { lang, theme: 'auto', density: 'comfortable', ...own, ...chosen(choices) };
}

/** The locale that browsers and React Aria know all of this by. */
export function localeOf({ lang, calendar, digits }: Pick<Preferences, 'lang' | 'calendar' | 'digits'>): string {
  return `${lang === 'fa' ? 'fa-IR' : 'en-GB'}-u-ca-${calendar}-nu-${digits}`;
}
