// What the first page shows is asked for while its code still comes.

import type { QueryClient } from '@tanstack/react-query';
import { nextMeeting } from '../meetings/api';
import { portsState } from '../ports/api';
import { meetingsToCareFor } from './api';

export function prefetchOverview(client: QueryClient): void {
  void client.prefetchQuery(meetingsToCareFor());
  void client.prefetchQuery(nextMeeting());
  void client.prefetchQuery(portsState());
}
