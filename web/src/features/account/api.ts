// One's own account as the API has it.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type Me = components['schemas']['Me'];
export type Person = components['schemas']['UserView'];
export type MyPatch = components['schemas']['MePatch'];

export const keys = { me: ['me'] as const };

export const me = () => queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/me', { signal })) });

export const changeMe = (body: MyPatch) => answer(api.PATCH('/api/v1/auth/me', { body }));
/** Within a quarter of an hour after the owner's link the old password may be left out. */
export const changePassword = (current: string, password: string) =>
  answer(api.POST('/api/v1/auth/password', { body: { new: password, ...(current && { current }) } }));
export const beginFactor = () => answer(api.POST('/api/v1/auth/totp'));
export const confirmFactor = (code: string) => answer(api.POST('/api/v1/auth/totp/confirm', { body: { code } }));
export const removeFactor = (password: string) => answer(api.DELETE('/api/v1/auth/totp', { body: { password } }));
