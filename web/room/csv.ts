// The attendance list as a file that spreadsheets open rightly in both scripts.

import type { Calendar } from './calendar';
import type { Attendee } from './protocol';

const COLUMNS = ['name', 'joined_at', 'joined_jalali', 'left_at', 'left_jalali', 'seconds'];

/** RFC 4180 with a byte-order mark, which spreadsheets need to see UTF-8. */
export function attendanceCsv(people: readonly Attendee[], calendar: Calendar): string {
  const latin = calendar.in('en');
  const stamp = (at: string | null) => (at ? [at, `${calendar.jalali(at)} ${latin.clock(at)}`] : ['', '']);
  const rows = people.map((p) => [p.name, ...stamp(p.joined_at), ...stamp(p.left_at), String(p.seconds)]);
  return '\uFEFF' + [COLUMNS, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('');
}

/** A name that begins like a formula would be run by a spreadsheet; an apostrophe makes it a text. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
