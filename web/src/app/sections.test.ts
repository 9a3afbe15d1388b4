import { expect, it } from 'vitest';
import { sectionsFor } from './sections';

it('a role sees its own sections, and no empty group', () => {
  const paths = (role: Parameters<typeof sectionsFor>[0]) => sectionsFor(role).flatMap(({ sections }) => sections.map(({ path }) => path));
  expect(paths('auditor')).toEqual(['/', '/meetings', '/clients', '/ports', '/inbox', '/documents', '/tasks', '/files', '/sync', '/directory', '/webhooks', '/jobs', '/schedules', '/users', '/audit', '/settings']);
  expect(paths('operator')).toEqual(['/', '/meetings', '/clients', '/ports', '/inbox', '/documents', '/tasks', '/files', '/sync', '/directory', '/webhooks', '/jobs', '/schedules', '/settings']);
  expect(paths('admin')).toEqual(['/', '/meetings', '/clients', '/ports', '/inbox', '/documents', '/tasks', '/files', '/sync', '/directory', '/webhooks', '/jobs', '/schedules', '/users', '/audit', '/backups', '/settings']);
  expect(paths('writer')).toEqual(['/inbox', '/documents', '/tasks', '/files']);
  expect(sectionsFor('participant')).toEqual([]);
});
