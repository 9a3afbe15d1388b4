// What a question to the server brought; until then that it is being read, or why it cannot be shown.

import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Waiting } from './Empty';
import { ErrorView } from './ErrorView';

interface Props<T> {
  query: UseQueryResult<T>;
  /** While it is read. */
  reading: string;
  /** What it means when it cannot be. */
  effect: string;
  children: (data: T) => ReactNode;
}

/** What was read before stays below the news that it could not be read again. */
export function Answered<T>({ query: { data, error, refetch }, reading, effect, children }: Props<T>) {
  return (
    <>
      {error && <ErrorView error={error} effect={effect} onRetry={() => void refetch()} />}
      {!error && data === undefined && <Waiting label={reading} />}
      {data !== undefined && children(data)}
    </>
  );
}
