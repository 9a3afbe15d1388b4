// A table of clients as spreadsheets write it, read for the API: what comes with a cookie is taken as JSON alone.

import { Problem } from '../../api/problem';

const COLUMNS = ['username', 'name', 'room', 'pipeline'] as const;
type Row = { username: string } & { [K in (typeof COLUMNS)[number]]?: string };

/** The clients of a file, and on which line each of them begins. */
export interface Table {
  clients: Row[];
  lines: number[];
}

interface Line {
  line: number;
  cells: string[];
}

const MARKS = [',', ';', '\t'];

/** Spreadsheets write a comma, a semicolon or a tab, by the language of the machine. */
function markOf(text: string): string {
  const head = text.split(/[\r\n]/, 1)[0] ?? '';
  const count = (mark: string) => head.split(mark).length;
  return MARKS.reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

/** A cell in quotes, in which two of them are one, or one without; then what ends it. */
const cellWith = (mark: string) => new RegExp(`(?:"((?:[^"]|"")*)"|([^"${mark}\\r\\n][^${mark}\\r\\n]*)?)(${mark}|\\r?\\n|\\r|$)`, 'y');

/** Every line that holds anything; a cell in quotes may go on over several. */
export function readLines(text: string): Line[] {
  const cell = cellWith(markOf(text));
  const lines: Line[] = [];
  let [at, line] = [0, 1];
  let now: Line = { line, cells: [] };
  while (at < text.length) {
    cell.lastIndex = at;
    const found = cell.exec(text);
    if (!found) throw unreadable(`line ${line}: a quote is not closed, or stands where none may`);
    const [all, quoted, plain = '', end = ''] = found;
    now.cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    line += all.split(/\r?\n|\r/).length - 1;
    at += all.length;
    if (end.length > 0 && !/[\r\n]/.test(end) && at < text.length) continue;
    lines.push(now);
    now = { line, cells: [] };
  }
  return lines.filter(({ cells }) => cells.some(Boolean));
}

/** The first line names the columns; others than ours are left alone, and so is what an empty cell is about. */
export function readTable(text: string): Table {
  const [head, ...rest] = readLines(text.replace(/^\ufeff/, ''));
  const places = COLUMNS.map((column) => [column, head?.cells.findIndex((name) => name.toLowerCase() === column) ?? -1] as const);
  if (places[0]![1] < 0) throw unreadable('the first line names no column `username`');
  const row = ({ cells }: Line): Row => ({ username: '', ...Object.fromEntries(places.flatMap(([column, place]) => (cells[place] ? [[column, cells[place]]] : []))) });
  return { clients: rest.map(row), lines: rest.map(({ line }) => line) };
}

/** Reads the bytes of a file, which have to be UTF-8: guessed letters are worse than none. */
export async function readFile(file: File): Promise<Table> {
  const bytes = await file.arrayBuffer();
  try {
    return readTable(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw error instanceof Problem ? error : unreadable('it is no UTF-8; save it as `CSV UTF-8`');
  }
}

const unreadable = (detail: string) => new Problem({ status: 422, code: 'clients.import', detail, errors: [{ field: 'file', detail }] });
