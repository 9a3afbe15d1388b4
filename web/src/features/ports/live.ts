// What live events change among the ports.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { keys } from './api';

/** A burst of picks is read once. */
const GATHER_MS = 100;

export function followPorts(client: QueryClient): (event: LiveEvent) => void {
  let timer = 0;
  const renew = () => {
    timer = 0;
    void client.invalidateQueries({ queryKey: keys.all });
  };
  return ({ type }) => {
    if (type === 'port_picked' || type === 'port_released') timer ||= window.setTimeout(renew, GATHER_MS);
  };
}
