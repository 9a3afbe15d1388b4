// Trying the connection: how far it came, and the first rows as they would be taken.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { PlugZap } from 'lucide-react';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Shape, type Tone } from '../../../ui/Status';
import { Mono } from '../../../ui/Text';
import type { Json, Source, Tested } from '../api';
import { stepsOf, type Outcome, type Step } from '../model';

interface Props {
  source: Source;
  test: { mutate: () => void; data: Tested | undefined; error: unknown; isPending: boolean };
}

export function TestPanel({ source, test: { mutate, data, error, isPending } }: Props) {
  const { t } = useLingui();
  if (!useMayRun()) return null;
  return (
    <Panel
      title={t`Connection`}
      actions={
        <Button size="small" isPending={isPending} onPress={() => mutate()}>
          <PlugZap size={14} aria-hidden />
          {data ? <Trans>Test again</Trans> : <Trans>Test the connection</Trans>}
        </Button>
      }
    >
      <div role="status" className="grid gap-3">
        {isPending && <Trans>Signing in and asking for the first page…</Trans>}
        {!isPending && error !== null && <ErrorView error={error} effect={t`The connection was not tested.`} />}
        {!isPending && data && <Outcomes source={source} tested={data} />}
        {!isPending && !data && error === null && (
          <p className="text-ink-2">
            <Trans>The gateway is asked for one page with what is saved. Nothing is written.</Trans>
          </p>
        )}
      </div>
    </Panel>
  );
}

const TONES: Record<Outcome, Tone> = { done: 'live', failed: 'bad', 'not reached': 'wait' };
const COLOURS: Record<Outcome, string> = { done: 'text-firuze', failed: 'text-anar', 'not reached': 'text-ink-3' };

function Outcomes({ source, tested }: { source: Source; tested: Tested }) {
  return (
    <>
      <ol className="grid gap-1.5">
        {stepsOf(source, tested).map(({ step, outcome }) => (
          <li key={step} className="flex items-start gap-3">
            <span className={`pt-0.5 ${COLOURS[outcome]}`}>
              <Shape tone={TONES[outcome]} />
            </span>
            <span className={outcome === 'not reached' ? 'text-ink-3' : undefined}>
              <StepWords step={step} outcome={outcome} />
              {outcome === 'failed' && tested.error && (
                <bdi lang="en" className="block wrap-anywhere text-sm">
                  {tested.error}
                </bdi>
              )}
            </span>
          </li>
        ))}
      </ol>
      {tested.ok && <What tested={tested} />}
    </>
  );
}

function StepWords({ step, outcome }: { step: Step; outcome: Outcome }): ReactNode {
  const words: Record<Step, Record<Outcome, ReactNode>> = {
    reach: {
      done: <Trans>The gateway answers.</Trans>,
      failed: <Trans>The gateway cannot be reached.</Trans>,
      'not reached': null,
    },
    login: {
      done: <Trans>It lets us in.</Trans>,
      failed: <Trans>It does not let us in. Look at the name and the password.</Trans>,
      'not reached': <Trans>Signing in was not tried.</Trans>,
    },
    page: {
      done: <Trans>The first page came.</Trans>,
      failed: <Trans>The first page did not come, or makes no sense.</Trans>,
      'not reached': <Trans>No page was asked for.</Trans>,
    },
  };
  return words[step][outcome];
}

function What({ tested }: { tested: Tested }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { partition, rows_count, total, failed, reasons, took_ms } = tested;
  return (
    <>
      <Facts>
        {partition && (
          <Fact name={t`Partition`}>
            <Mono>{partition}</Mono>
          </Fact>
        )}
        <Fact name={t`Rows on its first page`}>{formats.number(rows_count)}</Fact>
        {total != null && <Fact name={t`Rows on all pages`}>{formats.number(total)}</Fact>}
        <Fact name={t`Took`}>
          <Trans>{formats.decimal(Math.round(took_ms / 10) / 100)} seconds</Trans>
        </Fact>
      </Facts>
      {failed > 0 && <Bad count={failed} reasons={reasons} />}
      {tested.rows.length > 0 && <FirstRows tested={tested} />}
    </>
  );
}

function Bad({ count, reasons }: { count: number; reasons: readonly string[] }) {
  return (
    <div className="rounded-md border border-zaferan bg-zaferan-soft px-4 py-2">
      <Plural value={count} one="# row of it could not be taken:" other="# rows of it could not be taken:" />
      <ul className="text-sm">
        {reasons.map((reason) => (
          <li key={reason}>
            <bdi lang="en">{reason}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Names of columns and what they hold are the gateway's, so that they run as they are. */
function FirstRows({ tested: { columns, rows } }: { tested: Tested }) {
  const { t } = useLingui();
  return (
    <div role="region" aria-label={t`The first rows`} tabIndex={0} className="overflow-x-auto rounded-md border border-line">
      <table className="w-full text-sm">
        <thead className="bg-sunken">
          <tr>
            {columns.map(({ field, type }) => (
              <th key={field} scope="col" className="px-3 py-1.5 text-start font-normal whitespace-nowrap">
                <Mono className="font-semibold">{field}</Mono> <Mono className="text-ink-3">{type}</Mono>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place} className="border-t border-line">
              {columns.map(({ field }) => (
                <td key={field} className="max-w-60 truncate px-3 py-1 whitespace-nowrap">
                  <bdi>{shown(row[field])}</bdi>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const shown = (value: Json | undefined): string => (value == null ? '—' : typeof value === 'string' ? value : JSON.stringify(value));
