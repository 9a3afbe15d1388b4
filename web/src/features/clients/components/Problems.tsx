// What files, Redis and the folder of clients could not take: what, where, why, since when, and what to do.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../../lib/reader';
import { Answered } from '../../../ui/Answered';
import { Empty } from '../../../ui/Empty';
import { Shape } from '../../../ui/Status';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import { problems, type Problem } from '../api';
import { adviceOn, PLACES, reasonOf } from '../problems';

export function Problems() {
  const { t } = useLingui();
  const query = useQuery(problems());
  return (
    <Answered query={query} reading={t`Reading what is wrong…`} effect={t`It cannot be shown what is wrong.`}>
      {({ items, mirrors_here }) => (
        <>
          {!mirrors_here && <Elsewhere />}
          <section className="jadval">{items.length > 0 ? <ProblemTable problems={items} /> : <AllIsWell />}</section>
        </>
      )}
    </Answered>
  );
}

function Elsewhere() {
  return (
    <p role="note" className="mb-4 rounded-md border border-line-strong bg-sunken px-4 py-2">
      <Trans>Another server of the house keeps the files, Redis and the folder of clients just now; what is wrong there stands in its log.</Trans>
    </p>
  );
}

function AllIsWell() {
  const { t } = useLingui();
  return (
    <Empty title={t`Nothing is wrong`}>
      <Trans>Files, Redis and the folder of clients say the same as Dabir, as far as they are used. When something cannot be taken, it stands here at once.</Trans>
    </Empty>
  );
}

const GRID = 'md:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)_9.5rem_minmax(0,1.5fr)]';

function ProblemTable({ problems }: { problems: readonly Problem[] }) {
  const { t } = useLingui();
  const columns: Column<Problem>[] = [
    { id: 'what', name: t`What is wrong`, cell: (problem) => <What problem={problem} />, className: 'max-md:col-span-2' },
    { id: 'where', name: t`Where`, cell: (problem) => <Where problem={problem} /> },
    { id: 'since', name: t`Since`, cell: ({ since }) => <Time at={since} />, className: 'text-ink-2 tabular max-md:justify-self-end' },
    { id: 'todo', name: t`What to do`, cell: (problem) => <ToDo problem={problem} />, className: 'text-sm max-md:col-span-2' },
  ];
  return <Table label={t`What could not be taken`} rows={problems} rowKey={({ place, subject, detail }) => `${place} ${subject} ${detail}`} columns={columns} grid={GRID} />;
}

function What({ problem }: { problem: Problem }) {
  const { t } = useLingui();
  const advice = adviceOn(problem);
  const { words, told } = reasonOf(problem, useFormats());
  return (
    <span className="flex items-baseline gap-2">
      <span className="text-zaferan">
        <Shape tone="warn" />
      </span>
      <span className="min-w-0 wrap-anywhere">
        {advice && <span className="block font-semibold">{t(advice.what)}</span>}
        {words && <span className="block text-sm">{t(words)}</span>}
        {told && (
          <bdi lang="en" className="block text-sm text-ink-2">
            {told}
          </bdi>
        )}
      </span>
    </span>
  );
}

function Where({ problem: { place, subject } }: { problem: Problem }) {
  const { t } = useLingui();
  const known = PLACES[place];
  return (
    <>
      {known ? t(known) : <Mono>{place}</Mono>}
      {!WHOLE.has(subject) && (
        <span className="block">
          <Mono className="wrap-anywhere text-ink-2">{subject}</Mono>
        </span>
      )}
    </>
  );
}

/** Words for all of a place, which its name says already. */
const WHOLE: ReadonlySet<string> = new Set(['folder', 'watching', 'connection']);

function ToDo({ problem }: { problem: Problem }) {
  const { t } = useLingui();
  const advice = adviceOn(problem);
  return advice ? t(advice.todo) : <Trans>Look into the server's log.</Trans>;
}
