import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { show } from '../testing/reader';
import { Comparison } from './Comparison';

it('marks what is gone and what is new, and nothing else', () => {
  const rows = [
    { id: 'role', name: 'Role', before: 'Writer', after: 'Auditor' },
    { id: 'made', name: 'Port', before: null, after: '3000' },
    { id: 'same', name: 'Name', before: 'Sara', after: 'Sara', isSame: true },
  ];
  show(<Comparison label="Before and after" rows={rows} />);
  screen.getByRole('table', { name: 'Before and after' });
  const texts = (tag: string) => [...document.querySelectorAll(tag)].map((node) => node.textContent);
  expect(texts('del')).toEqual(['Writer']);
  expect(texts('ins')).toEqual(['Auditor', '3000']);
  expect(screen.getByRole('row', { name: 'Port — 3000' })).toBeTruthy();
});
