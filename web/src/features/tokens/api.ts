// Tokens for programs, as the API has them: one's own, and for admins those of anybody.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type Token = components['schemas']['TokenView'];
export type Scope = components['schemas']['Scope'];
export type NewToken = components['schemas']['NewToken'];

export const keys = {
  all: ['tokens'] as const,
  /** Without an id: one's own. */
  of: (user?: string) => ['tokens', user ?? 'mine'] as const,
};

export const tokensOf = (user?: string) =>
  queryOptions({
    queryKey: keys.of(user),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/tokens', { params: { query: user ? { user } : {} }, signal })),
  });

export const createToken = (body: NewToken) => answer(api.POST('/api/v1/tokens', { body }));
/** May be called while the page goes, so it outlives it. */
export const revokeToken = (id: string) => answer(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } }, keepalive: true }));
