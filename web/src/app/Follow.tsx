// How one likes to read goes with the person: the account's word counts in every browser, and what is chosen here is
// kept with it. A browser's own memory is for the first moment, before the account is known.

import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { changeMe, me, type MyPatch, type Person } from '../features/account/api';
import { changes, type Choices, type Lang } from '../lib/preferences';
import { usePreferences } from '../lib/reader';

/** The zone stays with the place where the browser is. */
const CARRIED = ['calendar', 'digits', 'theme', 'density'] as const;
type Carried = Pick<Choices, (typeof CARRIED)[number]>;

const carried = (choices: { [K in keyof Carried]?: Carried[K] | null }): Carried =>
  Object.fromEntries(CARRIED.flatMap((key) => (choices[key] ? [[key, choices[key]]] : [])));

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
  const { mutate } = useMutation({ scope: { id: 'wishes' }, mutationFn: (news: Choices) => tell(client, news) });
  const told = useRef<Choices>({});
  useEffect(() => {
    const news = changes(chosen, told.current);
    told.current = chosen;
    if (Object.keys(news).length > 0) mutate(news);
  }, [chosen, mutate]);
}

/** The account takes all preferences at once, so those that another browser chose meanwhile are read first. */
async function tell(client: QueryClient, news: Choices): Promise<void> {
  const { user } = await client.fetchQuery({ ...me(), staleTime: 0 });
  const patch = user ? toPatch(user, news) : {};
  if (Object.keys(patch).length > 0) await changeMe(patch);
}

const toPatch = ({ preferences: { news, ...before } }: Person, { lang, ...looks }: Choices): MyPatch => ({
  ...(lang && { language: lang }),
  ...(CARRIED.some((key) => key in looks) && { preferences: { ...carried({ ...before, ...looks }), ...(news && { news }) } }),
});
