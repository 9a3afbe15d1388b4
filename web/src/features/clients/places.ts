// Where clients are: a meeting of Dabir's own, another room, or what another program says.

/** What Dabir gives each of its meetings. */
const MEETING = /^[0-9a-hjkmnp-tv-z]{12}$/;

export const isMeeting = (place: string): boolean => MEETING.test(place);
export const isOtherProgram = (place: string): boolean => place === 'redis';
