// One person beside the list: who they are, what they may, where they are signed in, which programs act for them.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { SidePanel } from '../../../ui/Overlay';
import { Fact, Facts } from '../../../ui/Panel';
import { Mono, Time } from '../../../ui/Text';
import { TypeName } from '../../../ui/TypeName';
import { me } from '../../account/api';
import { SessionList } from '../../sessions/components/SessionList';
import { TokenList } from '../../tokens/components/TokenList';
import { onePerson, type Person } from '../api';
import { usePersonActions } from '../hooks';
import { BlockBox } from './BlockBox';
import { Details } from './Details';
import { ResetLink } from './ResetLink';
import { RoleField } from './RoleField';
import { StateMark } from './StateMark';
import { SignedIn } from './UserTable';

export function UserPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useLingui();
  const query = useQuery(onePerson(id));
  return (
    <SidePanel title={query.data ? <bdi>{query.data.name}</bdi> : t`Person`} isOpen onClose={onClose}>
      <Answered query={query} reading={t`Reading…`} effect={t`This person cannot be shown.`}>
        {(person) => <Whole person={person} onGone={onClose} />}
      </Answered>
    </SidePanel>
  );
}

function Whole({ person, onGone }: { person: Person; onGone: () => void }) {
  const { t } = useLingui();
  return (
    <div className="grid gap-5">
      <Identity person={person} />
      <Role key={person.role} person={person} />
      <Part title={t`Way in`}>
        <WayIn person={person} />
      </Part>
      <Part title={t`Sessions`}>
        <SessionList user={person.id} />
        <SignOut person={person} />
      </Part>
      <Part title={t`Tokens`}>
        <TokenList user={person.id} />
      </Part>
      <Part title={t`Name and address`}>
        <Details key={person.updated_at} person={person} />
      </Part>
      <Part title={t`Account`}>
        <Remove person={person} onGone={onGone} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="border-t border-line pt-3">
      <h3 className="pb-1 text-lg font-bold">{title}</h3>
      {children}
    </section>
  );
}

function Identity({ person }: { person: Person }) {
  const { t } = useLingui();
  return (
    <div className="grid gap-3">
      <div>
        <StateMark person={person} />
      </div>
      <Facts>
        <Fact name={t`E-mail`}>
          <Mono>{person.email}</Mono>
        </Fact>
        <Fact name={t`Last sign-in`}>
          <SignedIn person={person} />
        </Fact>
        <Fact name={t`Account since`}>
          <Time at={person.created_at} />
        </Fact>
      </Facts>
      {person.blocked && (
        <p className="rounded-md border border-anar bg-anar-soft px-3 py-2">
          <Trans>
            Out since <Time at={person.blocked.at} />: <bdi>{person.blocked.reason}</bdi>
          </Trans>
        </p>
      )}
    </div>
  );
}

/** A closed list changes with every key that is pressed on it, so a choice is one thing and giving it another. */
function Role({ person }: { person: Person }) {
  const { giveRole } = usePersonActions();
  const [role, setRole] = useState(person.role);
  const [isGiving, setGiving] = useState(false);
  const isSelf = useIsSelf(person);
  const give = () => {
    setGiving(true);
    void giveRole(person, role).finally(() => setGiving(false));
  };
  return (
    <div className="grid justify-items-start gap-1">
      <RoleField value={role} onChange={setRole} />
      <p className="text-sm text-ink-2">
        {isSelf ? (
          <Trans>This is you: with another role you sign in again, and may not be let in here.</Trans>
        ) : (
          <Trans>With another role they are signed out everywhere and sign in again.</Trans>
        )}
      </p>
      {role !== person.role && (
        <Button weight="primary" className="mt-1" isPending={isGiving} onPress={give}>
          <Trans>Give this role</Trans>
        </Button>
      )}
    </div>
  );
}

function useIsSelf({ id }: Person): boolean {
  return useQuery(me()).data?.user?.id === id;
}

function WayIn({ person }: { person: Person }) {
  const { unblock } = usePersonActions();
  const [blocking, setBlocking] = useState(false);
  if (person.blocked) {
    return (
      <Button onPress={() => void unblock(person)}>
        <Trans>Let them in again</Trans>
      </Button>
    );
  }
  return (
    <div className="grid justify-items-start gap-3">
      <ResetLink person={person} />
      <Button weight="danger" onPress={() => setBlocking(true)}>
        <Trans>Keep them out…</Trans>
      </Button>
      {blocking && <BlockBox person={person} onClose={() => setBlocking(false)} />}
    </div>
  );
}

function SignOut({ person }: { person: Person }) {
  const { signOut } = usePersonActions();
  return (
    <Button size="small" className="mt-2" onPress={() => void signOut(person)}>
      <Trans>End all their sessions</Trans>
    </Button>
  );
}

function Remove({ person, onGone }: { person: Person; onGone: () => void }) {
  const { t } = useLingui();
  const { remove } = usePersonActions();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button weight="danger" onPress={() => setAsking(true)}>
        <Trans>Delete the account…</Trans>
      </Button>
      <TypeName
        title={t`Delete this account for ever?`}
        name={person.name}
        deed={t`Delete for ever`}
        isOpen={asking}
        onClose={() => setAsking(false)}
        onSure={() => void remove(person, onGone)}
      >
        <Trans>Sessions and tokens go with it. What they did stays in the audit. To keep somebody out for a while, block them instead.</Trans>
      </TypeName>
    </>
  );
}
