// Clients by their state, live: five columns, whoever moved last on top. Of each only the first are drawn.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useFormats } from '../../../lib/reader';
import { Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import { COLOURS, Shape } from '../../../ui/Status';
import { Time } from '../../../ui/Text';
import { boardColumn, type Client, type ClientPage, type ClientState, type Totals } from '../api';
import { STATE_NAMES, STATES } from '../model';
import { column, offsetOf, type News } from '../news';
import { useNews } from '../stream';
import { PlaceName } from './Names';

/** How many of a column are drawn; the list has them all. */
const DRAWN = 40;

export function Board({ totals }: { totals: Totals }) {
  const { t } = useLingui();
  const queries = useQueries({ queries: STATE_NAMES.map(boardColumn) });
  const pages = queries.flatMap(({ data }) => data ?? []);
  const isWhole = pages.length === STATE_NAMES.length;
  const news = useNews(isWhole ? offsetOf(pages) : undefined);
  const failed = queries.find(({ error, data }) => error && !data);
  if (failed) return <ErrorView error={failed.error} effect={t`The clients cannot be shown.`} onRetry={() => queries.forEach(({ refetch }) => void refetch())} />;
  if (!isWhole) return <Waiting label={t`Reading the clients…`} />;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 md:grid-cols-3 lg:grid-cols-5">
      {STATE_NAMES.map((state, place) => (
        <Column key={state} state={state} count={totals[state]} page={pages[place]!} news={news} />
      ))}
    </div>
  );
}

interface Props {
  state: ClientState;
  count: number;
  page: ClientPage;
  news: News;
}

function Column({ state, count, page, news }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const clients = useMemo(() => column(state, [page], news, DRAWN), [state, page, news]);
  const { tone, word } = STATES[state];
  const more = count - clients.length;
  return (
    <section aria-label={t(word)} className="jadval">
      <h2 className="flex items-center gap-2 px-3 py-2 font-bold">
        <span className={COLOURS[tone]}>
          <Shape tone={tone} />
        </span>
        {t(word)}
        <span className="ms-auto tabular" data-count={state}>
          {formats.number(count)}
        </span>
      </h2>
      <ul>
        {clients.map((client) => (
          <Card key={client.username} client={client} />
        ))}
      </ul>
      {clients.length === 0 && (
        <p className="border-t border-line px-3 py-2 text-sm text-ink-3">
          <Trans>nobody</Trans>
        </p>
      )}
      {more > 0 && (
        <Link to="/clients" search={{ state }} className="block border-t border-line px-3 py-2 text-sm text-lajvard hover:underline">
          <Plural value={more} one="and # more" other="and # more" />
        </Link>
      )}
    </section>
  );
}

function Card({ client: { username, name, reason, room, last_seen } }: { client: Client }) {
  return (
    <li className="relative border-t border-line px-3 py-1.5 hover:bg-sunken/50">
      <Link to="/clients/$username" params={{ username }} dir="auto" className="inline-block max-w-full truncate align-bottom font-semibold hover:text-lajvard after:absolute after:inset-0">
        {name}
      </Link>
      <span className="flex flex-wrap justify-between gap-x-3 text-sm text-ink-2">
        <bdi className="max-w-full truncate">{reason || (room && <PlaceName place={room} />)}</bdi>
        {last_seen && <Time at={last_seen} />}
      </span>
    </li>
  );
}
