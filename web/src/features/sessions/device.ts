// What a browser calls itself, in two words that people know.

export interface Device {
  browser: string | null;
  system: string | null;
}

/** The first that is found counts: browsers also name those that they descend from. */
const BROWSERS: readonly (readonly [mark: string, name: string])[] = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
];

const SYSTEMS: readonly (readonly [mark: string, name: string])[] = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['CrOS', 'ChromeOS'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
];

export function readAgent(agent: string | null | undefined): Device {
  const first = (known: typeof BROWSERS) => known.find(([mark]) => agent?.includes(mark))?.[1] ?? null;
  return { browser: first(BROWSERS), system: first(SYSTEMS) };
}
