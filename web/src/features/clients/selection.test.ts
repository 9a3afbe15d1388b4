import { expect, it } from 'vitest';
import { client } from '../../testing/client';
import { asTheyStand, toggled } from './selection';

it('whoever is chosen stays so as they stand now, also out of the list', () => {
  const chosen = toggled(toggled(new Map(), client('ali')), client('mina'));
  const now = asTheyStand(chosen, [client('ali', { version: 4 }), client('sara')]);
  expect(now.map(({ username, version }) => [username, version])).toEqual([['ali', 4], ['mina', 1]]);
  expect([...toggled(chosen, client('ali')).keys()]).toEqual(['mina']);
});
