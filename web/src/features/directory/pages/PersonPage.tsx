// One person: what the source says of them, what changed by run, and since when they are gone.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { NAMES } from '../../../lib/sources';
import { Answered } from '../../../ui/Answered';
import { PageHead } from '../../../ui/PageHead';
import { Fact, Facts, Panel } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import { onePerson, type Directory, type PersonDetail } from '../api';
import { PersonHistory } from '../components/PersonHistory';
import { Presence } from '../components/PeopleTable';
import { nameOf, textOf } from '../model';
import { directoryOf } from '../search';

const route = getRouteApi('/directory/$directory/$key');

export function PersonPage() {
  const { t } = useLingui();
  const { directory: word, key } = route.useParams();
  const directory = directoryOf(word);
  const query = useQuery(onePerson(directory, key));
  const calls = [{ path: `/api/v1/directory/${directory}/${encodeURIComponent(key)}` }];
  return (
    <>
      <Link to="/directory" search={{ of: directory === 'faculty' ? directory : undefined }} className="inline-block py-1 text-lajvard hover:underline">
        {NAMES[directory] && t(NAMES[directory])}
      </Link>
      <Head person={query.data} id={key} calls={calls} />
      <Answered query={query} reading={t`Reading the person…`} effect={t`The person cannot be shown.`}>
        {(person) => <Whole person={person} directory={directory} />}
      </Answered>
    </>
  );
}

interface HeadProps {
  person: PersonDetail | undefined;
  id: string;
  calls: readonly { path: string }[];
}

function Head({ person, id, calls }: HeadProps) {
  const name = person && nameOf(person);
  const heading = (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      {name ? <bdi>{name}</bdi> : <Mono className="text-2xl">{id}</Mono>}
      {person && <Presence person={person} />}
    </span>
  );
  return <PageHead title={isolate(name || id)} heading={heading} note={name && <Mono>{id}</Mono>} calls={calls} />;
}

function Whole({ person, directory }: { person: PersonDetail; directory: Directory }) {
  const { t } = useLingui();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {person.gone_at && <Gone at={person.gone_at} />}
        <Panel title={t`What the source says`}>
          <FieldFacts person={person} />
        </Panel>
      </div>
      <Panel title={t`History`}>
        <PersonHistory person={person} directory={directory} />
      </Panel>
    </div>
  );
}

function Gone({ at }: { at: string }) {
  const formats = useFormats();
  return (
    <p role="note" className="rounded-md border border-zaferan bg-zaferan-soft px-4 py-3">
      <Trans>
        Gone at the source since <Time at={at} style="full" />, {formats.ago(at, Date.now())}. What was known stays here.
      </Trans>
    </p>
  );
}

function FieldFacts({ person }: { person: PersonDetail }) {
  const { t } = useLingui();
  return (
    <Facts>
      {Object.entries(person.fields).map(([field, value]) => (
        <Fact key={field} name={<Mono className="wrap-anywhere">{field}</Mono>}>
          <bdi>{textOf(value)}</bdi>
        </Fact>
      ))}
      {person.partition && (
        <Fact name={t`Partition`}>
          <Mono>{person.partition}</Mono>
        </Fact>
      )}
      <Fact name={t`Last change`}>
        <Time at={person.updated_at} style="full" />
      </Fact>
    </Facts>
  );
}
