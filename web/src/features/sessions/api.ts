// Sessions as the API has them: one's own, and for admins those of anybody.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import type { components } from '../../api/schema.gen';

export type Session = components['schemas']['SessionView'];

export const keys = {
  all: ['sessions'] as const,
  /** Without an id: one's own. */
  of: (user?: string) => ['sessions', user ?? 'mine'] as const,
};

export const sessionsOf = (user?: string) =>
  queryOptions({
    queryKey: keys.of(user),
    queryFn: ({ signal }) => answer(api.GET('/api/v1/sessions', { params: { query: user ? { user } : {} }, signal })),
  });

export const endSession = (id: string) => answer(api.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } }));
export const endOtherSessions = () => answer(api.DELETE('/api/v1/sessions'));
