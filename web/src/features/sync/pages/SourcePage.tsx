// One source: its run and the partitions filling in, the runs before, what could not be taken, and how it is asked.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, type ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { SourceName } from '../../../ui/SourceName';
import { Mono } from '../../../ui/Text';
import { oneSource, type Source } from '../api';
import { Circumstances } from '../components/Circumstances';
import { HealthMark } from '../components/Names';
import { RunPart } from '../components/RunPart';
import { SourceActions } from '../components/SourceActions';
import { useNameOf } from '../hooks';
import { PARTS, type Part } from '../search';

const History = lazy(async () => ({ default: (await import('../components/History')).History }));
const Quarantine = lazy(async () => ({ default: (await import('../components/Quarantine')).Quarantine }));
const SettingsPart = lazy(async () => ({ default: (await import('../components/SettingsPart')).SettingsPart }));

const route = getRouteApi('/sync/$name');

export function SourcePage() {
  const { t } = useLingui();
  const { name } = route.useParams();
  const query = useQuery(oneSource(name));
  return (
    <>
      <Link to="/sync" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>All sources</Trans>
      </Link>
      {query.data ? <Head source={query.data} /> : <PageHead title={t`Source`} calls={callsOf(name)} />}
      <Answered query={query} reading={t`Reading the source…`} effect={t`The source cannot be shown.`}>
        {(source) => <Whole source={source} />}
      </Answered>
    </>
  );
}

const callsOf = (name: string) => {
  const path = `/api/v1/sources/${encodeURIComponent(name)}`;
  return [{ path }, { path: `${path}/runs` }, { method: 'POST', path: `${path}/sync`, body: { mode: 'full' } }, { method: 'POST', path: `${path}/test` }] as const;
};

function Head({ source }: { source: Source }) {
  const nameOf = useNameOf();
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <SourceName name={source.name} />
      <HealthMark health={source.health} />
    </span>
  );
  const note = (
    <Trans>
      Fills the table <Mono>{source.table}</Mono>
    </Trans>
  );
  return <PageHead title={nameOf(source.name)} heading={heading} note={source.table && note} tools={<SourceActions source={source} />} calls={callsOf(source.name)} />;
}

function Whole({ source }: { source: Source }) {
  const { t } = useLingui();
  const { part = 'run' } = route.useSearch();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Parts source={source} now={part} />
        <Suspense fallback={<Waiting label={t`Opening the page…`} />}>{partOf(part, source)}</Suspense>
      </div>
      <aside>
        <Circumstances source={source} />
      </aside>
    </div>
  );
}

function partOf(part: Part, source: Source): ReactNode {
  switch (part) {
    case 'run':
      return <RunPart source={source} />;
    case 'history':
      return <History source={source} />;
    case 'quarantine':
      return <Quarantine source={source} />;
    case 'settings':
      return <SettingsPart key={source.name} source={source} />;
  }
}

const PART =
  'flex min-h-10 items-center gap-2 border-b-3 border-transparent px-3 text-ink-2 hover:text-ink ' +
  'aria-[current=page]:border-lajvard aria-[current=page]:font-semibold aria-[current=page]:text-ink';

function Parts({ source, now }: { source: Source; now: Part }) {
  const { t } = useLingui();
  const formats = useFormats();
  const words: Record<Part, string> = { run: t`Run`, history: t`History`, quarantine: t`Quarantine`, settings: t`Settings` };
  return (
    <nav aria-label={t`Parts of the source`} className="flex flex-wrap border-b border-line">
      {PARTS.map((part) => (
        <Link
          key={part}
          from="/sync/$name"
          to="/sync/$name"
          search={{ part: part === 'run' ? undefined : part, run: undefined }}
          activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
          aria-current={part === now ? 'page' : undefined}
          className={PART}
        >
          {words[part]}
          {part === 'quarantine' && source.quarantined > 0 && (
            <span className="rounded-full bg-zaferan-soft px-2 text-sm font-semibold text-zaferan">{formats.number(source.quarantined)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
