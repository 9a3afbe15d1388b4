// Webhooks as rows: where each leads, how it is, what came through last and what waits.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../../../lib/reader';
import { Table, type Column } from '../../../ui/Table';
import { Mono, Time } from '../../../ui/Text';
import type { Webhook } from '../api';
import { hostOf, nameOf } from '../model';
import { PatternName, StateMark } from './Names';

const GRID = 'md:grid-cols-[minmax(0,1.4fr)_10rem_minmax(0,1fr)_8.5rem_7rem]';

export function WebhookTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  const { t } = useLingui();
  const columns: Column<Webhook>[] = [
    { id: 'name', name: t`Leads to`, cell: (webhook) => <Name webhook={webhook} />, className: 'max-md:col-span-2' },
    { id: 'state', name: t`State`, cell: (webhook) => <StateMark webhook={webhook} /> },
    { id: 'events', name: t`What it is told`, cell: ({ events }) => <Asked events={events} />, className: 'text-sm text-ink-2 max-md:col-span-2 max-md:order-2' },
    { id: 'last', name: t`Came through last`, cell: (webhook) => <Last webhook={webhook} />, className: 'text-sm text-ink-2 tabular' },
    { id: 'waiting', name: t`Waits`, cell: (webhook) => <Waits webhook={webhook} />, className: 'text-sm text-ink-2 max-md:order-3 max-md:col-span-2' },
  ];
  return <Table label={t`Webhooks`} rows={webhooks} rowKey={({ id }) => id} columns={columns} grid={GRID} />;
}

function Name({ webhook }: { webhook: Webhook }) {
  return (
    <span className="block min-w-0">
      <Link to="/webhooks/$id" params={{ id: webhook.id }} className="inline-block max-w-full truncate align-bottom font-semibold hover:text-lajvard after:absolute after:inset-0">
        {webhook.description ? <bdi>{nameOf(webhook)}</bdi> : <Mono>{hostOf(webhook)}</Mono>}
      </Link>
      {webhook.description && (
        <span className="block truncate text-ink-3">
          <Mono>{hostOf(webhook)}</Mono>
        </span>
      )}
    </span>
  );
}

function Asked({ events: [first, ...others] }: { events: readonly string[] }) {
  return (
    <>
      {first && <PatternName pattern={first} />}
      {others.length > 0 && (
        <span className="text-ink-3">
          {' '}
          <Plural value={others.length} one="and # other" other="and # others" />
        </span>
      )}
    </>
  );
}

function Last({ webhook: { succeeded_at } }: { webhook: Webhook }) {
  return succeeded_at ? <Time at={succeeded_at} /> : <Trans>nothing yet</Trans>;
}

function Waits({ webhook: { waiting, dead } }: { webhook: Webhook }) {
  const formats = useFormats();
  const lost = formats.number(dead);
  return (
    <span className="tabular">
      <span className="md:hidden">
        <Trans>Waits</Trans>{': '}
      </span>
      {formats.number(waiting)}
      {dead > 0 && (
        <span className="text-anar">
          {' · '}
          <Trans>{lost} given up</Trans>
        </span>
      )}
    </span>
  );
}
