// One's own account as the API has it.

import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type Me = components['schemas']['Me'];
export type Person = components['schemas']['UserView'];
export type MyPatch = components['schemas']['MePatch'];

export const keys = { me: ['me'] as const };

export const me = () => queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => answer(api.GET('/api/v1/auth/me', { signal })) });

export const changeMe = (body: MyPatch) => answer(api.PATCH('/api/v1/auth/me', { body }));

/** The account takes all preferences at once, so they are mended one after the other. */
export const WISHES = { id: 'wishes' };

/** Changes the account as it is now, for another browser may have changed it meanwhile; with nothing to change nothing is sent. */
export async function mendMe(client: QueryClient, patchOf: (user: Me['user']) => MyPatch): Promise<Me['user']> {
  const { user } = await client.fetchQuery({ ...me(), staleTime: 0 });
  const patch = patchOf(user);
  return Object.keys(patch).length > 0 ? changeMe(patch) : user;
}

/** Within a quarter of an hour after the owner's link the old password may be left out. */
export const changePassword = (current: string, password: string) =>
  answer(api.POST('/api/v1/auth/password', { body: { new: password, ...(current && { current }) } }));
export const beginFactor = () => answer(api.POST('/api/v1/auth/totp'));
export const confirmFactor = (code: string) => answer(api.POST('/api/v1/auth/totp/confirm', { body: { code } }));
export const removeFactor = (password: string) => answer(api.DELETE('/api/v1/auth/totp', { body: { password } }));
