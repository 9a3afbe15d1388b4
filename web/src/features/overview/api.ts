// How the house does as a whole.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { readHappened } from '../../api/events';
import { meetingsIn } from '../meetings/api';

const EVERY_MS = 15_000;

export const keys = {
  ready: ['ready'] as const,
  events: ['events'] as const,
  sample: ['sample'] as const,
};

/** What runs, and what needs somebody. */
export const meetingsToCareFor = () => meetingsIn('starting', 'held', 'running', 'failed');

/** Throws the problem that names what is missing. */
export const readiness = () =>
  queryOptions({ queryKey: keys.ready, queryFn: ({ signal }) => answer(api.GET('/ready', { signal })), refetchInterval: EVERY_MS, retry: false });

/** What happened before the page was opened; the live line goes on from there. */
export const recentEvents = () =>
  queryOptions({
    queryKey: keys.events,
    queryFn: async ({ signal }) => {
      const { items } = await answer(api.GET('/api/v1/events/recent', { signal }));
      return items.map(readHappened).filter((happened) => happened !== null);
    },
  });

export const sample = () => queryOptions({ queryKey: keys.sample, queryFn: ({ signal }) => answer(api.GET('/api/v1/sample', { signal })) });
export const addSample = (language: 'fa' | 'en') => answer(api.POST('/api/v1/sample', { body: { language } }));
export const removeSample = () => answer(api.DELETE('/api/v1/sample'));
