// The settings of the house as the API has them.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { Changes, SettingsList } from './schema';

const PATH = '/api/v1/settings';
/** The description of the API does not have them yet. */
type Call = (path: string, init: object) => Promise<{ data?: SettingsList }>;
const { GET, PATCH } = api as unknown as { GET: Call; PATCH: Call };

export const keys = { all: ['settings'] as const };

export const settings = () =>
  queryOptions({ queryKey: keys.all, queryFn: ({ signal }) => answer(GET(PATH, { signal })) });

export const changeSettings = (changes: Changes) => answer(PATCH(PATH, { body: { changes } }));
