// What live events change among the ports.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

export function followPorts(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all }));
  return ({ type }) => {
    if (type === 'port_picked' || type === 'port_released') renew();
  };
}
