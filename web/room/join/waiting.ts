// What a page that waits does next: pure, so that each case can be tried.

/** How long the words for a countdown of days are, by their number; `{n}` and `{t}` are filled in. */
export interface DayForms {
  one: string;
  many: string;
}

const DAY = 86_400;

/** What is left as `4:05` or `1:02:03`, behind the days when there are any. */
export function countdown(seconds: number, forms: DayForms, number: (n: number) => string, span: (seconds: number) => string): string {
  const total = Math.max(0, Math.ceil(seconds));
  const days = Math.floor(total / DAY);
  const rest = span(total % DAY);
  if (!days) return rest;
  return (days === 1 ? forms.one : forms.many).replace('{n}', number(days)).replace('{t}', rest);
}

/** What is done about an answer that differs from what the page says. */
export type Turn = 'enter' | 'reload';

/** Whoever waited for the start is let in by itself; a free seat is for whoever asks for it first. */
export function turn(from: string, to: string, ready: boolean): Turn {
  return to === 'open' && from !== 'full' && ready ? 'enter' : 'reload';
}

/** Whether `news` are those of `before`, which begins with the time they came at, and that is a moment ago. */
export function isRepeated(before: string | null, news: string, now: number): boolean {
  const [, at, last] = /^(\d+) (.*)$/s.exec(before ?? '') ?? [];
  return last === news && Math.abs(now - Number(at)) < 10_000;
}

/**
 * Seconds until the house is asked again. `ahead` is what remains until the start. A thousand phones
 * that wait together must not ask together, so `random` (0 to 1) spreads them.
 */
export function pause(standing: string, ahead: number, failures: number, random: number): number {
  const spread = (seconds: number) => seconds * (0.75 + random / 2);
  if (failures) return spread(Math.min(30, 2 ** failures));
  if (standing === 'failed' || standing === 'full') return spread(12);
  if (ahead > 0) return Math.min(spread(ahead > 900 ? 60 : ahead > 120 ? 20 : 10), ahead + 0.2 + 2 * random);
  return spread(ahead > -60 ? 3 : 10);
}

/** The house's clock less this device's, from an answer's `Date`, which is cut to whole seconds. */
export function skew(date: string | null, sent: number, received: number): number | null {
  const at = Date.parse(date ?? '');
  return Number.isNaN(at) ? null : at + 500 - (sent + received) / 2;
}
