// What live events change among the tokens that are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather, isAbout } from '../../lib/live';
import { keys } from './api';

export function followTokens(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all }));
  return (event) => {
    if (isAbout(event, 'token', 'user')) renew();
  };
}
