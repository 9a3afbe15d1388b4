// With whom a document or a folder is shared, and the page that it has for everybody with its address.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { useMayWrite } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { IconButton } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Box } from '../../../ui/Overlay';
import { Select } from '../../../ui/Select';
import { PeoplePicker } from '../../tasks/components/PeoplePicker';
import { accessOf, keys, shareWith, type Access, type Grant, type NamedGrant, type Right, type Subject } from '../api';
import { useFolders } from '../hooks';
import { GIVEN, may, RIGHTS } from '../model';
import { RightWord } from './Names';
import { Publish } from './Publish';

const EVERYONE = 'everyone';
const NOTHING = 'nothing';

export function ShareBox({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const { t } = useLingui();
  const query = useQuery(accessOf(subject));
  const title = isolate(subject.title);
  return (
    <Box title={t`Share “${title}”`} isOpen onClose={onClose}>
      <Answered query={query} reading={t`Reading with whom it is shared…`} effect={t`With whom it is shared cannot be shown.`}>
        {(access) => <Whole subject={subject} access={access} />}
      </Answered>
    </Box>
  );
}

function Whole({ subject, access }: { subject: Subject; access: Access }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const isOwn = useMayWrite() && may(subject.right, 'own');
  const { grants, inherited, owner } = access;
  const { mutate, error, isPending } = useMutation({
    mutationFn: (now: readonly Grant[]) => shareWith(subject, now),
    onSuccess: async (now) => {
      client.setQueryData(accessOf(subject).queryKey, now);
      await client.invalidateQueries({ queryKey: keys.all });
    },
  });
  const give = (grantee: string, given: Right | null) => {
    const known = grants.some((grant) => grant.grantee === grantee);
    const changed = grants.flatMap((grant) => (grant.grantee !== grantee ? [grant] : given ? [{ grantee, 'right': given }] : []));
    mutate(known || !given ? changed : [...changed, { grantee, 'right': given }]);
  };
  const named = grants.filter(({ grantee }) => grantee !== EVERYONE);
  const everyone = grants.find(({ grantee }) => grantee === EVERYONE)?.right ?? NOTHING;
  const people = named.flatMap(({ grantee }) => (grantee.startsWith('user:') ? [grantee.slice('user:'.length)] : []));
  return (
    <div aria-busy={isPending} className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {error && <ErrorView error={error} effect={t`It is shared as before.`} />}
      {isOwn && <PeoplePicker label={t`Share with`} without={owner.id ? [...people, owner.id] : people} onPick={({ id }) => give(`user:${id}`, 'edit')} />}
      <ul className="grid gap-1">
        <li className="flex min-h-10 items-center justify-between gap-3">
          <bdi className="truncate">{owner.name}</bdi>
          <span className="text-ink-2">
            <RightWord of="own" />
          </span>
        </li>
        {named.map((grant) => (
          <Row key={grant.grantee} grant={grant} isOwn={isOwn} onGive={(right) => give(grant.grantee, right)} />
        ))}
      </ul>
      <Everyone given={everyone} isOwn={isOwn} onGive={(right) => give(EVERYONE, right)} />
      {inherited.length > 0 && <Inherited grants={inherited} />}
      {subject.kind === 'document' && <Publish id={subject.id} link={access.link ?? null} isOwn={isOwn} />}
    </div>
  );
}

function useGranteeName(): (grant: NamedGrant) => string {
  const { t } = useLingui();
  const roles: Record<string, string> = { 'role:participant': t`All participants`, 'role:writer': t`All writers`, 'role:auditor': t`All auditors`, 'role:operator': t`All operators`, 'role:admin': t`All administrators`, [EVERYONE]: t`Everybody in the house` };
  return ({ grantee, name }) => roles[grantee] ?? name;
}

interface RowProps {
  grant: NamedGrant;
  isOwn: boolean;
  onGive: (right: Right | null) => void;
}

function Row({ grant, isOwn, onGive }: RowProps) {
  const { t } = useLingui();
  const nameOf = useGranteeName();
  const name = nameOf(grant);
  const called = isolate(name);
  return (
    <li className="flex min-h-10 flex-wrap items-center justify-between gap-x-3">
      <bdi className="min-w-0 truncate">{name}</bdi>
      {isOwn ? (
        <span className="flex items-center gap-1">
          <Select label={t`Right of ${called}`} isLabelHidden options={GIVEN.map((id) => ({ id, text: t(RIGHTS[id]) }))} value={grant.right as (typeof GIVEN)[number]} onChange={onGive} className="w-44" />
          <IconButton aria-label={t`Share with ${called} no more`} onPress={() => onGive(null)}>
            <X size={16} aria-hidden />
          </IconButton>
        </span>
      ) : (
        <span className="text-ink-2">
          <RightWord of={grant.right} />
        </span>
      )}
    </li>
  );
}

interface EveryoneProps extends Pick<RowProps, 'isOwn' | 'onGive'> {
  given: Right | typeof NOTHING;
}

function Everyone({ given, isOwn, onGive }: EveryoneProps) {
  const { t } = useLingui();
  const options = [{ id: NOTHING, text: t`may not open it` } as const, ...GIVEN.map((id) => ({ id, text: t(RIGHTS[id]) }))];
  if (isOwn) return <Select label={t`Everybody else in the house`} options={options} value={given as (typeof options)[number]['id']} onChange={(now) => onGive(now === NOTHING ? null : now)} />;
  return given === NOTHING ? null : (
    <p>
      <Trans>Everybody else in the house:</Trans> <RightWord of={given} />
    </p>
  );
}

/** What follows from the folders around it; it is changed there. */
function Inherited({ grants }: { grants: readonly NamedGrant[] }) {
  const { t } = useLingui();
  const folders = useFolders();
  const nameOf = useGranteeName();
  const titleOf = (id: string | null | undefined) => folders.find((folder) => folder.id === id)?.title;
  return (
    <section className="grid gap-1">
      <h3 className="font-semibold">
        <Trans>By its folders</Trans>
      </h3>
      <ul className="grid gap-1">
        {grants.map((grant) => {
          const title = titleOf(grant.folder);
          const folder = title ? isolate(title) : null;
          return (
            <li key={`${grant.folder ?? ''} ${grant.grantee}`} className="flex flex-wrap justify-between gap-x-3">
              <bdi className="font-normal">{nameOf(grant)}</bdi>
              <span className="text-ink-2">
                <RightWord of={grant.right} /> <span className="text-sm">({folder ? t`folder “${folder}”` : t`a folder that you do not see`})</span>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
