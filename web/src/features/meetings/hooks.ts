// What an operator does to a meeting, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useFailure } from '../../ui/failure';
import { isolate } from '../../lib/bidi';
import { soon, tell } from '../../ui/Toast';
import { endMeetingAt, enterMeeting, extendMeeting, keys, listMeetings, pollSource, startMeeting, stopMeeting, writeMinutes, type Filter } from './api';
import type { Meeting, MeetingState } from './model';

/** The meetings of a list as one array; `whole` reads on until the last page. */
export function useMeetings(filter: Filter, whole: boolean) {
  const query = useInfiniteQuery(listMeetings(filter));
  const { hasNextPage, isFetching, fetchNextPage, isError } = query;
  useEffect(() => {
    if (whole && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [whole, hasNextPage, isFetching, isError, fetchNextPage]);
  const meetings = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, meetings, totals: query.data?.pages.at(-1)?.totals };
}

export function useMeetingActions() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const navigate = useNavigate();
  const show = (meeting: Meeting) => {
    client.setQueryData(keys.one(meeting.id), meeting);
    return client.invalidateQueries({ queryKey: keys.all });
  };
  /** Shows a state that the server does not know of yet. */
  const expect = (meeting: Meeting, state: MeetingState) => client.setQueryData(keys.one(meeting.id), { ...meeting, state });

  const start = async (meeting: Meeting) => {
    const name = isolate(meeting.name);
    await startMeeting(meeting.id).then(show, failure(t`“${name}” was not started.`));
  };

  const stop = (meeting: Meeting) => {
    const name = isolate(meeting.name);
    expect(meeting, 'stopping');
    soon(
      t`“${name}” ends in a moment, for everybody in it.`,
      () => void stopMeeting(meeting.id).then(show, failure(t`“${name}” was not stopped; people are still in it.`)),
      () => void show(meeting),
    );
  };

  const extend = async (meeting: Meeting, minutes: number) => {
    const name = isolate(meeting.name);
    const failed = failure(t`The end of “${name}” was not moved.`);
    const back = meeting.source !== 'django' ? () => void endMeetingAt(meeting.id, meeting.end_time).then(show, failed) : undefined;
    await extendMeeting(meeting.id, minutes).then((extended) => {
      tell(plural(minutes, { one: `“${name}” lasts # minute longer.`, other: `“${name}” lasts # minutes longer.` }), back);
      return show(extended);
    }, failed);
  };

  const enter = async (meeting: Meeting) => {
    const name = isolate(meeting.name);
    const opened = enterMeeting(meeting.id).then(({ url }) => void window.open(url, '_blank', 'noopener'));
    await opened.catch(failure(t`The room of “${name}” was not opened.`));
  };

  const read = async (meeting: Meeting) => {
    const name = isolate(meeting.name);
    const open = ({ document }: { document: string }) => navigate({ to: '/documents/$id', params: { id: document } });
    await writeMinutes(meeting.id).then(open, failure(t`The minutes of “${name}” were not opened.`));
  };

  const poll = async () => {
    const renew = () => client.invalidateQueries({ queryKey: keys.all });
    await pollSource().then(renew, failure(t`The source of meetings was not asked.`));
  };

  return { start, stop, extend, enter, read, poll };
}
