// Dates, times and numbers as readers of the page's language write them.

export type Lang = 'fa' | 'en';

/** A day and a clock in one zone (the browser's when none is given). */
export class Calendar {
  private readonly locale: string;

  constructor(
    readonly lang: Lang,
    private readonly zone?: string,
  ) {
    this.locale = lang === 'fa' ? 'fa-IR' : 'en-GB';
  }

  /** The same zone in another language. */
  in(lang: Lang): Calendar {
    return new Calendar(lang, this.zone);
  }

  /** The same language in another zone; one that the browser does not know changes nothing. */
  at(zone: string | undefined): Calendar {
    try {
      const there = new Calendar(this.lang, zone);
      there.clock(0);
      return there;
    } catch {
      return this;
    }
  }

  number(n: number): string {
    return new Intl.NumberFormat(this.locale, { useGrouping: n >= 10_000 }).format(n);
  }

  percent(part: number, whole: number): string {
    return new Intl.NumberFormat(this.locale, { style: 'percent' }).format(whole ? part / whole : 0);
  }

  /** 14:05 */
  clock(at: string | number | Date): string {
    return this.format(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  /** «شنبه ۳۰ آبان ۱۴۰۵» or “Saturday 21 November 2026”: Intl's own full style has another order. */
  day(at: string | number | Date): string {
    const format = this.formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
    const parts = Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
    return `${parts.weekday} ${parts.day} ${parts.month} ${parts.year}`;
  }

  /** 1405/08/30 in Latin digits, for tables that machines read. */
  jalali(at: string | number | Date): string {
    const options = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'persian', numberingSystem: 'latn' } as const;
    const format = new Intl.DateTimeFormat('en', { ...options, timeZone: this.zone });
    const parts = Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
    return `${parts.year}/${parts.month}/${parts.day}`;
  }

  /** 1:02:03 or 4:05 */
  span(seconds: number): string {
    const total = Math.max(0, Math.round(seconds));
    const pad = (n: number) => this.number(n).padStart(2, this.number(0));
    const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
    return hours ? `${this.number(hours)}:${pad(minutes)}:${pad(rest)}` : `${this.number(minutes)}:${pad(rest)}`;
  }

  private format(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
    return this.formatter(options).format(new Date(at));
  }

  private formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.locale, { ...options, timeZone: this.zone });
  }
}

/** Reads a number as people type it, in Persian, Arabic or ASCII digits; NaN when it is none. */
export function readNumber(text: string): number {
  const ascii = text.trim().replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15));
  return ascii ? Number(ascii) : NaN;
}
