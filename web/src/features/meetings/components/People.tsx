// Who is in the room, or who was, and for how long.

import { Plural, Trans } from '@lingui/react/macro';
import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { components } from '../../../api/schema.gen';
import { useFormats } from '../../../lib/reader';
import { ErrorView } from '../../../ui/ErrorView';
import { Panel } from '../../../ui/Panel';
import { Time } from '../../../ui/Text';
import { attendance, people } from '../api';
import type { Meeting } from '../model';

export function People({ meeting }: { meeting: Meeting }) {
  return meeting.state === 'running' || meeting.state === 'held' ? <Present meeting={meeting} /> : <Past id={meeting.id} />;
}

function Present({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const { data, error, refetch } = useQuery(people(meeting.id));
  const count = <Plural value={meeting.clients} one="# person in the room" other="# people in the room" />;
  return (
    <Panel title={count}>
      {error && <ErrorView error={error} effect={t`The list of people cannot be shown.`} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <p className="text-ink-2">
          <Trans>Nobody is there yet.</Trans>
        </p>
      )}
      <ul className="max-h-96 overflow-y-auto">
        {data?.items.map((person) => (
          <Person key={person.id} person={person} />
        ))}
      </ul>
    </Panel>
  );
}

const ROW = 'flex flex-wrap items-baseline justify-between gap-x-4 border-t border-line py-1.5 first:border-t-0';

function Person({ person: { name, role, muted, joined_at } }: { person: components['schemas']['ParticipantView'] }) {
  return (
    <li className={ROW}>
      <span>
        <bdi className="font-semibold">{name}</bdi>{' '}
        <span className="text-sm text-ink-2">
          {role === 'moderator' && <Trans>moderator</Trans>}
          {muted && <Trans>muted</Trans>}
        </span>
      </span>
      <span className="text-sm text-ink-2">
        <Trans>
          since <Time at={joined_at} />
        </Trans>
      </span>
    </li>
  );
}

function Past({ id }: { id: string }) {
  const { t } = useLingui();
  const formats = useFormats();
  const { data, error, refetch } = useQuery(attendance(id));
  if (!error && !data?.items.length) return null;
  return (
    <Panel title={t`Who was there`}>
      {error && <ErrorView error={error} effect={t`The attendance cannot be shown.`} onRetry={() => void refetch()} />}
      <ul className="max-h-96 overflow-y-auto">
        {data?.items.map(({ id, name, joined_at, seconds }) => (
          <li key={id} className={ROW}>
            <bdi className="font-semibold">{name}</bdi>
            <span className="text-sm text-ink-2">
              <Trans>
                from <Time at={joined_at} />, {formats.span(seconds)} in all
              </Trans>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
