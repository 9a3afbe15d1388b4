// Where clients are: a meeting of Dabir's own, another room, or what another program says.

import { queryOptions } from '@tanstack/react-query';
import { oneMeeting } from '../meetings/api';

/** What Dabir gives each of its meetings. */
const MEETING = /^[0-9a-hjkmnp-tv-z]{12}$/;

export const isMeeting = (place: string): boolean => MEETING.test(place);
export const isOtherProgram = (place: string): boolean => place === 'redis';

/** The meeting of a place, for its name alone: it is read once. */
export const meetingAt = (place: string) =>
  queryOptions({ ...oneMeeting(place), enabled: isMeeting(place), retry: false, staleTime: Infinity, refetchInterval: false });
