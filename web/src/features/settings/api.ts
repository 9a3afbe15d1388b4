// The settings of the house as the API has them.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type Setting = components['schemas']['SettingView'];
export type Kind = components['schemas']['SettingKind'];
export type Source = components['schemas']['SettingSource'];
export type Changes = components['schemas']['SettingChanges']['changes'];

export const keys = { all: ['settings'] as const };

export const settings = () =>
  queryOptions({ queryKey: keys.all, queryFn: ({ signal }) => answer(api.GET('/api/v1/settings', { signal })) });

export const changeSettings = (changes: Changes) => answer(api.PATCH('/api/v1/settings', { body: { changes } }));
