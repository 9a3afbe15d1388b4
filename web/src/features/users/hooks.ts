// What an admin does with people, with the news of it and the way back.

import { useLingui } from '@lingui/react/macro';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { isolate } from '../../lib/bidi';
import { ROLE_NAMES } from '../../lib/roles';
import type { Role } from '../../lib/user';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { keys as sessionKeys } from '../sessions/api';
import { blockPerson, changePerson, keys, listPeople, removePerson, signOutPerson, unblockPerson, type Person } from './api';
import type { UsersSearch } from './search';

/** The people of a list as one array. */
export function usePeople({ q, role, state }: UsersSearch) {
  const query = useInfiniteQuery(listPeople({ q, role, state }));
  const people = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { ...query, people };
}

export function usePersonActions() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  /** What was asked about `gone` is not asked again: their panel may still be there for a moment. */
  const renew = (gone?: Person) => {
    const predicate = ({ queryHash }: { queryHash: string }) => !gone || !queryHash.includes(gone.id);
    return Promise.all([keys.all, sessionKeys.all].map((queryKey) => client.invalidateQueries({ queryKey, predicate })));
  };
  const show = (person: Person) => {
    client.setQueryData(keys.one(person.id), person);
    return renew();
  };

  const giveRole = async (person: Person, role: Role) => {
    const [name, word] = [isolate(person.name), t(ROLE_NAMES[role])];
    const failed = failure(t`“${name}” keeps the role they had.`);
    const back = () => void changePerson(person.id, { role: person.role }).then(show, failed);
    await changePerson(person.id, { role }).then((changed) => {
      tell(t`“${name}” is ${word} now and signs in again.`, back);
      return show(changed);
    }, failed);
  };

  const block = async (person: Person, reason: string) => {
    const name = isolate(person.name);
    await blockPerson(person.id, reason).then((blocked) => {
      tell(t`“${name}” is out, and stays out.`, () => void unblock(person));
      return show(blocked);
    }, failure(t`“${name}” may still come in.`));
  };

  const unblock = async (person: Person) => {
    const name = isolate(person.name);
    const admitted = (unblocked: Person) => {
      tell(t`“${name}” may come in again.`);
      return show(unblocked);
    };
    await unblockPerson(person.id).then(admitted, failure(t`“${name}” stays out.`));
  };

  const signOut = async (person: Person) => {
    const name = isolate(person.name);
    const done = () => {
      tell(t`“${name}” is signed out everywhere.`);
      return renew();
    };
    await signOutPerson(person.id).then(done, failure(t`The sessions of “${name}” go on.`));
  };

  const remove = async (person: Person, onDone: () => void) => {
    const name = isolate(person.name);
    const removed = () => {
      onDone();
      tell(t`The account of “${name}” is gone.`);
      return renew(person);
    };
    await removePerson(person.id).then(removed, failure(t`The account of “${name}” stays.`));
  };

  return { giveRole, block, unblock, signOut, remove, show };
}
