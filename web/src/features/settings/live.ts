// What live events change among the settings.

import type { QueryClient } from '@tanstack/react-query';
import type { LiveEvent } from '../../api/events';
import { keys } from './api';

export function followSettings(client: QueryClient): (event: LiveEvent) => void {
  return ({ type }) => {
    if (type === 'settings_changed') void client.invalidateQueries({ queryKey: keys.all });
  };
}
