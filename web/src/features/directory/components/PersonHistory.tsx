// What changed about a person, by the run that saw it, the newest first.

import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Mono, Time } from '../../../ui/Text';
import { KindMark } from '../../sync/components/Changes';
import { Differences } from '../../sync/components/Differences';
import type { Directory, PersonDetail } from '../api';
import { byRun } from '../model';

export function PersonHistory({ person, directory }: { person: PersonDetail; directory: Directory }) {
  const runs = byRun(person.history);
  if (runs.length === 0) {
    return (
      <p className="text-ink-2">
        <Trans>Nothing is known of earlier times.</Trans>
      </p>
    );
  }
  return (
    <ol>
      {runs.map(({ run, at, changes }) => (
        <li key={run} className="grid gap-2 border-t border-dashed border-line py-3 first:border-t-0 first:pt-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-semibold tabular">
              <Time at={at} style="full" />
            </span>
            <Link to="/sync/$name" params={{ name: directory }} search={{ run }} className="text-lajvard underline">
              <Trans>
                Run <Mono>{run}</Mono>
              </Trans>
            </Link>
          </div>
          {changes.map((change) => (
            <div key={change.id} className="grid justify-items-start gap-1">
              <KindMark kind={change.kind} />
              {(change.before ?? change.after) && change.kind !== 'new' && <Differences change={change} />}
            </div>
          ))}
        </li>
      ))}
    </ol>
  );
}
