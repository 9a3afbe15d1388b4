// How the house does as a whole.

import { queryOptions } from '@tanstack/react-query';
import { answer, api } from '../../api/client';

const EVERY_MS = 15_000;

/** Throws the problem that names what is missing. */
export const readiness = () =>
  queryOptions({ queryKey: ['ready'], queryFn: ({ signal }) => answer(api.GET('/ready', { signal })), refetchInterval: EVERY_MS, retry: false });
