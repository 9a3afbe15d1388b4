// How one likes to read goes with the person: the account's word counts in every browser, and what is chosen here is
// kept with it. A browser's own memory is for the first moment, before the account is known.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { me, mendMe, WISHES, type MyPatch, type Person } from '../features/account/api';
import { changes, type Choices, type Lang } from '../lib/preferences';
import { usePreferences } from '../lib/reader';

/** The zone stays with the place where the browser is. */
const CARRIED = ['calendar', 'digits', 'theme', 'density'] as const;
type Carried = Pick<Choices, (typeof CARRIED)[number]>;

const carried = (preferences: Person['preferences']): Carried =>
  Object.fromEntries(CARRIED.flatMap((key) => (preferences[key] ? [[key, preferences[key]]] : [])));

export function Follow() {
  const person = useQuery(me()).data?.user;
  return person ? <FollowPerson person={person} /> : null;
}

function FollowPerson({ person }: { person: Person }) {
  const { preferences, adopt } = usePreferences();
  // Once: what is chosen elsewhere from now on is for the next page.
  useEffect(() => adopt(wishes(person, preferences.lang)), []);
  useTelling();
  return null;
}

/** What the account says; another language brings its calendar and digits. */
const wishes = ({ language, preferences }: Person, here: Lang): Choices => ({
  ...(language !== here && { calendar: undefined, digits: undefined }),
  lang: language,
  ...carried(preferences),
});

/** Tells the account each choice once, one after the other. */
function useTelling(): void {
  const client = useQueryClient();
  const { chosen } = usePreferences();
  const { mutate } = useMutation({ scope: WISHES, mutationFn: (news: Choices) => mendMe(client, (user) => (user ? toPatch(user, news) : {})) });
  const told = useRef<Choices>({});
  useEffect(() => {
    const news = changes(chosen, told.current);
    told.current = chosen;
    if (Object.keys(news).length > 0) mutate(news);
  }, [chosen, mutate]);
}

const toPatch = ({ preferences }: Person, { lang, ...looks }: Choices): MyPatch => {
  const carriedLooks = CARRIED.filter((key) => key in looks).map((key) => [key, looks[key]]);
  return {
    ...(lang && { language: lang }),
    ...(carriedLooks.length > 0 && { preferences: { ...preferences, ...Object.fromEntries(carriedLooks) } }),
  };
};
