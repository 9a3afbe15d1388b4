import { expect, it } from 'vitest';
import { parse } from './quick';

const here = { now: Date.parse('2026-11-18T06:30:00Z'), zone: 'Asia/Tehran' };
const brief = (line: string, more = {}) => {
  const { title, due, names, labels, priority } = parse(line, { ...here, ...more });
  return [title, due?.at ?? due?.day ?? null, names.join(), labels.join(), priority];
};

it('a line says title, date, people, labels and priority', () => {
  expect(brief('گزارش را بفرست فردا ۱۰ @سارا #بودجه !فوری')).toEqual(['گزارش را بفرست', '2026-11-19T06:30:00.000Z', 'سارا', 'بودجه', 'urgent']);
  expect(brief('Call Sara tomorrow about the budget #money !high')).toEqual(['Call Sara about the budget', '2026-11-19', '', 'money', 'high']);
  expect(brief('next Sat tidy up')).toEqual(['tidy up', '2026-11-21', '', '', null]);
});

it('what only looks like a date stays in the title', () => {
  expect(brief('buy sun cream')).toEqual(['buy sun cream', null, '', '', null]);
  expect(brief('send 2 tomorrow')).toEqual(['send 2', '2026-11-19', '', '', null]);
  expect(brief('چاپ ۳ نسخه تا ۲۵ آذر')).toEqual(['چاپ ۳ نسخه', '2026-12-16', '', '', null]);
  expect(brief('فردا')).toEqual(['فردا', null, '', '', null]);
  expect(brief('write tomorrow', { isDated: false })).toEqual(['write tomorrow', null, '', '', null]);
  expect(brief('hurry up! a & b # c')).toEqual(['hurry up! a & b # c', null, '', '', null]);
});

it('somebody who was chosen is known by the whole name', () => {
  const sara = { id: 'u1', name: 'سارا احمدی' };
  const said = parse('نامه @سارا احمدی فردا', { ...here, known: [sara] });
  expect([said.title, said.people, said.names]).toEqual(['نامه', [sara], []]);
});
