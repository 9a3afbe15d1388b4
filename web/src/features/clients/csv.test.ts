import { expect, it } from 'vitest';
import { readFile, readLines, readTable } from './csv';

const TABLE = '\ufeffUsername,name,Room,age\r\nali, علی رضایی ,,9\r\n,,,\r\nmina,,board\r\n';

it.each([',', ';', '\t'])('tables of all spreadsheets are read, with the mark %j', (mark) => {
  expect(readTable(TABLE.replaceAll(',', mark))).toEqual({
    clients: [{ username: 'ali', name: 'علی رضایی' }, { username: 'mina', room: 'board' }],
    lines: [2, 4],
  });
});

it('a cell in quotes holds marks, quotes and lines, and later lines keep their numbers', () => {
  expect(readTable('username,name\nali,"a ""b"", c\nd"\nmina,\n')).toEqual({ clients: [{ username: 'ali', name: 'a "b", c\nd' }, { username: 'mina' }], lines: [2, 4] });
  expect(readLines('a,b,')).toEqual([{ line: 1, cells: ['a', 'b'] }]);
  expect(readTable('username').clients).toEqual([]);
});

it('somebody without a name stays there, for the server to say so', () => {
  expect(readTable('username,name\n,nobody\n')).toEqual({ clients: [{ username: '', name: 'nobody' }], lines: [2] });
});

it.each(['', 'name,room\nali,board\n', 'username\n"ali\n', 'username\na"li"x,"b"c\n'])('what is no table is refused: %j', (text) => {
  expect(() => readTable(text)).toThrow(/username|quote/);
});

it('letters are not guessed', async () => {
  const file = new File([new Uint8Array([117, 10, 0xff, 0xfe])], 'a.csv');
  await expect(readFile(file)).rejects.toThrow(/UTF-8/);
});
