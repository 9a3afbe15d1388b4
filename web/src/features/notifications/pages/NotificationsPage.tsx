// What one hears of, and how: by the inbox, by mail, by text message; at once or gathered.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Answered } from '../../../ui/Answered';
import { Empty } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { me } from '../../account/api';
import { byGroup } from '../../webhooks/events';
import { choices as allChoices, type Choices } from '../api';
import { Matrix } from '../components/Matrix';
import { Ways } from '../components/Ways';
import { useChoose } from '../hooks';

const CALLS = [
  { path: '/api/v1/notifications/choices' },
  { method: 'PUT', path: '/api/v1/notifications/choices', body: { events: { 'task.assigned': { inbox: true, mail: true, sms: false } }, digest: 'daily', digest_hour: 8, timezone: 'Asia/Tehran' } },
] as const;

export function NotificationsPage() {
  const { t } = useLingui();
  const words = { reading: t`Reading your choices…`, effect: t`Your choices cannot be shown.` };
  return (
    <>
      <Link to="/account" className="inline-block py-1 text-lajvard hover:underline">
        <Trans>My account</Trans>
      </Link>
      <PageHead title={t`Notifications`} note={<Trans>What you hear of, and how. You are not told of what you do yourself.</Trans>} calls={CALLS} />
      <Answered query={useQuery(me())} {...words}>
        {({ user }) => (user ? <Own {...words} /> : <Nobody />)}
      </Answered>
    </>
  );
}

function Own(words: { reading: string; effect: string }) {
  return (
    <Answered query={useQuery(allChoices())} {...words}>
      {(choices) => <Whole choices={choices} />}
    </Answered>
  );
}

function Whole({ choices }: { choices: Choices }) {
  const { save, error } = useChoose();
  const groups = byGroup(Object.keys(choices.events).map((name) => ({ name })));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {groups.map(([group, events]) => (
          <Matrix key={group} group={group} names={events.map(({ name }) => name)} choices={choices} onSave={save} />
        ))}
      </div>
      <aside className="grid grid-cols-[minmax(0,1fr)] gap-4 max-lg:order-first">
        <Ways choices={choices} error={error} onSave={save} />
      </aside>
    </div>
  );
}

function Nobody() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`A program is signed in here`}>
        <Trans>This browser uses a token that belongs to no person, and only people are told of something.</Trans>
      </Empty>
    </section>
  );
}
