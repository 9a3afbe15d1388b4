// What live events change about backups: one is made or looked at by a job.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { gather } from '../../lib/live';
import { keys } from './api';

const AT_MOST_EVERY_MS = 500;

export function followBackups(client: QueryClient): (event: LiveEvent) => void {
  const renew = gather(() => void client.invalidateQueries({ queryKey: keys.all }), AT_MOST_EVERY_MS);
  return (event) => {
    if (event.type === 'backup_changed' || event.type === 'jobs_changed') renew();
  };
}
