import { expect, it } from 'vitest';
import { Calendar } from './calendar';
import { attendanceCsv } from './csv';

it('the list opens rightly in a spreadsheet, with ISO and Jalali columns', () => {
  const people = [
    { id: 'a', name: 'سارا "س" محمدی', joined_at: '2026-11-21T10:30:00Z', left_at: null, seconds: 90 },
    { id: 'b', name: '=1+1, x', joined_at: '2026-11-21T10:30:00Z', left_at: '2026-11-21T11:00:00Z', seconds: 1_800 },
  ];
  expect(attendanceCsv(people, new Calendar('fa', 'Asia/Tehran'))).toBe(
    '\uFEFFname,joined_at,joined_jalali,left_at,left_jalali,seconds\r\n' +
      '"سارا ""س"" محمدی",2026-11-21T10:30:00Z,1405/08/30 14:00,,,90\r\n' +
      '"\'=1+1, x",2026-11-21T10:30:00Z,1405/08/30 14:00,2026-11-21T11:00:00Z,1405/08/30 14:30,1800\r\n',
  );
});
