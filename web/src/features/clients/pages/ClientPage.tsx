// One client: how they stand and why, what happened to them, where they are and were.

import { Trans, useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Shape } from '../../../ui/Status';
import { Code, Time } from '../../../ui/Text';
import { listEvents, oneClient, type Client, type ClientEvent } from '../api';
import { Actions } from '../components/Actions';
import { PlaceName, SourceWord, StateMark } from '../components/Names';
import { Portrait } from '../components/Portrait';
import { Timeline, Who } from '../components/Timeline';
import { HAPPENED, isError, STATES, uptime, visits, type Visit } from '../model';

const route = getRouteApi('/clients/$username');

const NO_EVENTS: readonly ClientEvent[] = [];

export function ClientPage() {
  const { t } = useLingui();
  const { username } = route.useParams();
  const query = useQuery(oneClient(username));
  return (
    <>
      <Link to="/clients" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All clients</Trans>
      </Link>
      {query.data ? <Head client={query.data} /> : <PageHead title={t`Client`} calls={[{ path: pathOf(username) }]} />}
      <Answered query={query} reading={t`Reading the client…`} effect={t`The client cannot be shown.`}>
        {(client) => <Whole client={client} />}
      </Answered>
    </>
  );
}

const pathOf = (username: string) => `/api/v1/clients/${encodeURIComponent(username)}`;

function Head({ client }: { client: Client }) {
  const { username, name, state } = client;
  const path = pathOf(username);
  const calls = [{ path }, { path: `${path}/events` }, { method: 'POST', path: `${path}/pause`, body: { reason: 'exam' } }, { method: 'POST', path: `${path}/block`, body: { reason: 'exam' } }] as const;
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <bdi>{name}</bdi>
      <StateMark state={state} />
    </span>
  );
  return <PageHead title={name} heading={heading} note={name !== username && <bdi>{username}</bdi>} tools={<Actions client={client} />} calls={calls} />;
}

function Whole({ client }: { client: Client }) {
  const { t } = useLingui();
  const name = isolate(client.name);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(listEvents(client.username));
  const events = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? NO_EVENTS, [data]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Ordered client={client} />
        <Panel title={t`What happened`} flush>
          <Timeline events={events} isReadingMore={isFetchingNextPage} onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()} />
        </Panel>
      </div>
      <aside className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Panel title={t`Circumstances`}>
          <div className="pb-3">
            <Portrait client={client} size="large" label={t`Photo of ${name}`} />
          </div>
          <Circumstances client={client} />
        </Panel>
        <Rooms client={client} events={events} />
        <Errors events={events} />
      </aside>
    </div>
  );
}

/** A block or a pause: why, by whom, until when. */
function Ordered({ client }: { client: Client }) {
  const { state, reason, until, by, close } = client;
  if (state !== 'blocked' && state !== 'paused') return close ? <Closed client={client} /> : null;
  const tone = state === 'blocked' ? 'border-anar bg-anar-soft' : 'border-zaferan bg-zaferan-soft';
  return (
    <div role="note" className={`grid gap-1 rounded-md border px-4 py-3 ${tone}`}>
      <p className="font-bold">{state === 'blocked' ? <Trans>Comes into no room.</Trans> : <Trans>May listen only.</Trans>}</p>
      {reason && (
        <p className="wrap-anywhere">
          <bdi>{reason}</bdi>
        </p>
      )}
      <p className="text-ink-2">
        {by && (
          <Trans>
            Ordered by <Who by={by} />
          </Trans>
        )}
        {' · '}
        {until ? (
          <Trans>
            ends <Time at={until} style="moment" />
          </Trans>
        ) : (
          <Trans>until somebody lifts it</Trans>
        )}
      </p>
    </div>
  );
}

function Closed({ client: { close } }: { client: Client }) {
  if (!close) return null;
  return (
    <div role="note" className="grid gap-1 rounded-md border border-zaferan bg-zaferan-soft px-4 py-3">
      <p className="font-bold">{close.until ? <Trans>Is put out, and may come back in a moment.</Trans> : <Trans>Is put out, and kept out by another program.</Trans>}</p>
      {close.reason && <bdi>{close.reason}</bdi>}
    </div>
  );
}

function Circumstances({ client }: { client: Client }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { username, state, source, room, pipeline, last_seen, available, photo, version } = client;
  return (
    <Facts>
      <Fact name={t`Username`}>
        <bdi>{username}</bdi>
      </Fact>
      <Fact name={t`Source`}>
        <SourceWord source={source} />
      </Fact>
      <Fact name={t`Expected`}>{available ? <Trans>yes</Trans> : <Trans>no</Trans>}</Fact>
      <Fact name={t`Room`}>{room ? <PlaceName place={room} isLink /> : '—'}</Fact>
      <Fact name={t`Pipeline`}>{pipeline ? <bdi>{pipeline}</bdi> : '—'}</Fact>
      <Fact name={t`Last seen`}>{state === 'active' ? <Trans>now</Trans> : last_seen ? <Time at={last_seen} style="full" /> : <Trans>never</Trans>}</Fact>
      {photo && (
        <Fact name={t`Photo`}>
          <Code>{photo.file}</Code>{' '}
          <span className="text-sm text-ink-2">
            {formats.number(photo.width)} × {formats.number(photo.height)} · {formats.bytes(photo.size_bytes)}
          </span>
        </Fact>
      )}
      <Fact name={t`Version`}>{formats.number(version)}</Fact>
    </Facts>
  );
}

const DAY_MS = 86_400_000;
/** So many of each are told; the rest stands in what happened. */
const SHOWN = 5;

function Rooms({ client: { places }, events }: { client: Client; events: readonly ClientEvent[] }) {
  const { t } = useLingui();
  const formats = useFormats();
  const all = useMemo(() => visits(events), [events]);
  const before = all.filter(({ to }) => to !== null).slice(0, SHOWN);
  const now = Date.now();
  return (
    <Panel title={t`Where`}>
      {places.length === 0 && (
        <p className="text-ink-2">
          <Trans>In no room now.</Trans>
        </p>
      )}
      <ul className="grid gap-1">
        {places.map(({ place, state, since }) => (
          <li key={place} className="grid">
            <span className="flex items-center gap-2">
              <span className={state === 'connected' ? 'text-firuze' : 'text-zaferan'}>
                <Shape tone={STATES[state === 'connected' ? 'active' : 'connection_error'].tone} />
              </span>
              <PlaceName place={place} isLink />
            </span>
            <span className="text-sm text-ink-2">
              {state === 'connected' ? <Trans>connected since</Trans> : <Trans>connection lost since</Trans>} <Time at={since} />
            </span>
          </li>
        ))}
      </ul>
      {all.length > 0 && (
        <p className="pt-2 text-sm text-ink-2">
          <Trans>Connected in the last 24 hours: {formats.span(uptime(all, now - DAY_MS, now))}</Trans>
        </p>
      )}
      {before.length > 0 && <Before visits={before} />}
    </Panel>
  );
}

function Before({ visits }: { visits: readonly Visit[] }) {
  return (
    <>
      <h3 className="pt-3 pb-1 font-bold">
        <Trans>Earlier</Trans>
      </h3>
      <ul>
        {visits.map(({ place, from, to }) => (
          <li key={`${place} ${from}`} className="grid border-t border-dashed border-line py-1.5">
            <span>
              <PlaceName place={place} isLink />
            </span>
            <span className="text-sm text-ink-2 tabular">
              <Trans>
                <Time at={from} /> to {to && <Time at={to} />}
              </Trans>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Errors({ events }: { events: readonly ClientEvent[] }) {
  const { t } = useLingui();
  const errors = events.filter(isError).slice(0, SHOWN);
  if (errors.length === 0) return null;
  return (
    <Panel title={t`Last errors`}>
      <ul>
        {errors.map(({ id, kind, at }) => {
          const known = HAPPENED[kind];
          return (
            <li key={id} className="flex flex-wrap items-center justify-between gap-x-3 border-t border-dashed border-line py-1.5 first:border-t-0">
              <span>{known && t(known.word)}</span>
              <span className="text-sm text-ink-2 tabular">
                <Time at={at} />
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
