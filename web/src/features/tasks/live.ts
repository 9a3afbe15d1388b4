// What live events change among the tasks that are known here.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 300;

export function followTasks(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => {
    void client.invalidateQueries({ queryKey: keys.lists });
    void client.invalidateQueries({ queryKey: keys.labels });
  }, AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type !== 'task_changed' && event.type !== 'task_removed') return;
    void client.invalidateQueries({ queryKey: keys.one(String(event.number)) });
    renew();
  };
}
