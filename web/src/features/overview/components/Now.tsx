// One sentence: what is wrong, the worst first, each with the button that helps; or that nothing is.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayRun } from '../../../lib/user';
import { Button, buttonStyle } from '../../../ui/Button';
import { SourceName } from '../../../ui/SourceName';
import { Shape, Status } from '../../../ui/Status';
import { lastError, ReasonText } from '../../meetings/components/ReasonText';
import { useMeetingActions } from '../../meetings/hooks';
import type { Meeting } from '../../meetings/model';
import type { Source } from '../../sync/api';
import { isBad, type Trouble } from '../judge';

interface Props {
  troubles: readonly Trouble[];
  live: readonly Meeting[];
  next: Meeting | null;
}

export function Now({ troubles, live, next }: Props) {
  const { t } = useLingui();
  return (
    <section className="jadval" aria-label={t`Now`}>
      <div className="grid gap-2 px-5 pt-4 pb-4">
        <div>
          <Verdict troubles={troubles} />
        </div>
        <p className="text-lg">
          <Sentence live={live} next={next} />
        </p>
        {troubles.length > 0 && (
          <ul>
            {troubles.map((trouble) => (
              <Row key={keyOf(trouble)} trouble={trouble} />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function keyOf(trouble: Trouble): string {
  if (trouble.kind === 'failed') return trouble.meeting.id;
  return trouble.kind === 'data' ? `data ${trouble.source.name}` : trouble.kind;
}

function Verdict({ troubles }: { troubles: readonly Trouble[] }) {
  if (troubles.length === 0) {
    return (
      <Status tone="live">
        <Trans>All is well</Trans>
      </Status>
    );
  }
  return (
    <Status tone={troubles.some(isBad) ? 'bad' : 'warn'}>
      <Plural value={troubles.length} one="# thing needs you" other="# things need you" />
    </Status>
  );
}

function Sentence({ live, next }: Pick<Props, 'live' | 'next'>) {
  const formats = useFormats();
  const people = live.reduce((sum, { clients }) => sum + clients, 0);
  return (
    <>
      {live.length > 0 ? (
        <Trans>
          <Plural value={live.length} one="# meeting is live" other="# meetings are live" /> with{' '}
          <Plural value={people} one="# person" other="# people" />.
        </Trans>
      ) : (
        <Trans>No meeting is live.</Trans>
      )}{' '}
      {next && (
        <Trans>
          Next: “<bdi>{next.name}</bdi>”, {formats.moment(next.date_time)}.
        </Trans>
      )}
    </>
  );
}

function Row({ trouble }: { trouble: Trouble }) {
  const mayRun = useMayRun();
  const bad = isBad(trouble);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-dashed border-line py-2">
      <span className={bad ? 'text-anar' : 'text-zaferan'}>
        <Shape tone={bad ? 'bad' : 'warn'} />
      </span>
      <span className="min-w-0 flex-1 wrap-anywhere max-sm:basis-4/5">
        <Words trouble={trouble} />
      </span>
      {mayRun && <Help trouble={trouble} />}
    </li>
  );
}

function Words({ trouble }: { trouble: Trouble }): ReactNode {
  switch (trouble.kind) {
    case 'notReady':
      return (
        <>
          <Trans>The server is not ready.</Trans>
          <Detail>{trouble.detail}</Detail>
        </>
      );
    case 'failed':
      return (
        <>
          <Trans>
            “<bdi>{trouble.meeting.name}</bdi>” does not run.
          </Trans>
          <Why meeting={trouble.meeting} />
        </>
      );
    case 'held':
      return <Plural value={trouble.count} one="# meeting vanished from its source and is held until you decide." other="# meetings vanished from their source and are held until you decide." />;
    case 'source':
      return (
        <>
          <Trans>The source of meetings does not answer; what is known goes on.</Trans>
          <Detail>{trouble.detail}</Detail>
        </>
      );
    case 'rows':
      return <Plural value={trouble.count} one="# row of the source makes no sense and was set aside." other="# rows of the source make no sense and were set aside." />;
    case 'data':
      return <Data source={trouble.source} />;
    case 'clients':
      return <Plural value={trouble.count} one="# thing in the files, in Redis or in the folder of clients could not be taken." other="# things in the files, in Redis or in the folder of clients could not be taken." />;
    case 'portError':
      return (
        <>
          <Trans>The port manager had trouble.</Trans>
          <Detail>{trouble.detail}</Detail>
        </>
      );
    case 'fewPorts':
      return <Plural value={trouble.free} one="# free port is left in the range." other="# free ports are left in the range." />;
  }
}

function Data({ source: { name, health, last_run, last_success_at } }: { source: Source }) {
  return health === 'failing' ? (
    <>
      <Trans>
        The sync of <SourceName name={name} /> failed.
      </Trans>
      <Detail>{last_run?.error_message}</Detail>
    </>
  ) : (
    <Trans>
      The data of <SourceName name={name} /> is late; it was synced last <When at={last_success_at} />.
    </Trans>
  );
}

function When({ at }: { at: string | null | undefined }) {
  const formats = useFormats();
  return at && formats.ago(at, Date.now());
}

function Why({ meeting }: { meeting: Meeting }) {
  const reason = lastError(meeting);
  return (
    reason && (
      <span className="block text-sm text-ink-2">
        <ReasonText reason={reason} />
      </span>
    )
  );
}

/** The server's own words, which are English. */
function Detail({ children }: { children: ReactNode }) {
  return (
    <span className="line-clamp-3 text-sm text-ink-2">
      <bdi lang="en">{children}</bdi>
    </span>
  );
}

function Help({ trouble }: { trouble: Trouble }): ReactNode {
  const { start, poll } = useMeetingActions();
  switch (trouble.kind) {
    case 'failed':
      return (
        <>
          <Button onPress={() => void start(trouble.meeting)}>
            <Trans>Start again</Trans>
          </Button>
          <Link to="/meetings/$id" params={{ id: trouble.meeting.id }} className={buttonStyle('bare')}>
            <Trans>Its log</Trans>
          </Link>
        </>
      );
    case 'held':
      return (
        <Link to="/meetings" search={{ state: 'held' }} className={buttonStyle('plain')}>
          <Trans>Show them</Trans>
        </Link>
      );
    case 'source':
    case 'rows':
      return (
        <Button onPress={() => void poll()}>
          <Trans>Ask it now</Trans>
        </Button>
      );
    case 'data':
      return (
        <Link to="/sync/$name" params={{ name: trouble.source.name }} className={buttonStyle('plain')}>
          <Trans>See the sync</Trans>
        </Link>
      );
    case 'clients':
      return (
        <Link to="/clients" search={{ view: 'problems' }} className={buttonStyle('plain')}>
          <Trans>Show them</Trans>
        </Link>
      );
    case 'portError':
    case 'fewPorts':
      return (
        <Link to="/ports" className={buttonStyle('plain')}>
          <Trans>See the ports</Trans>
        </Link>
      );
    case 'notReady':
      return null;
  }
}
