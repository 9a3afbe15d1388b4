// Of what about clients one is told on every page. It is kept with one's account.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { components } from '../../api/schema.gen';
import { keys, me, mendMe, WISHES, type Me, type Person } from './api';

export type News = components['schemas']['ClientNews'];

export const NEWS = ['blocked', 'unblocked', 'paused', 'disconnected', 'lost', 'many_lost'] as const satisfies readonly News[];

/** What everybody is told until they choose. */
const FIRST: readonly News[] = ['blocked', 'many_lost'];

const newsOf = (person: Person | null | undefined): readonly News[] => person?.preferences.news ?? FIRST;

export const useWantedNews = (): readonly News[] => newsOf(useQuery(me()).data?.user);

/** What was chosen, and choosing. */
export function useNewsChoice(onError: (error: unknown) => void) {
  const client = useQueryClient();
  const wanted = useWantedNews();
  const { mutate, variables, isPending } = useMutation({
    scope: WISHES,
    mutationFn: (news: News[]) => mendMe(client, (user) => ({ preferences: { ...user?.preferences, news } })),
    onSuccess: (user) => client.setQueryData<Me>(keys.me, (known) => known && { ...known, user }),
    onError,
  });
  return { wanted: isPending ? variables : wanted, choose: mutate };
}
