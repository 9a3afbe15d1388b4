// How one likes to read goes with the person: what they choose is kept with their account, and a browser that has no
// choice yet takes it from there.

import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { changeMe, me, type MyPatch, type Person } from '../features/account/api';
import { readChoices, type Choices } from '../lib/preferences';
import { usePreferences } from '../lib/reader';

/** The zone stays with the place where the browser is. */
const CARRIED = ['calendar', 'digits', 'theme', 'density'] as const;
type Carried = Pick<Choices, (typeof CARRIED)[number]>;

const carried = (choices: { [K in keyof Carried]?: Carried[K] | null }): Carried =>
  Object.fromEntries(CARRIED.flatMap((key) => (choices[key] ? [[key, choices[key]]] : [])));

const isSame = (one: Carried, other: Carried): boolean => CARRIED.every((key) => one[key] === other[key]);

export function Follow() {
  const person = useQuery(me()).data?.user;
  return person ? <FollowPerson person={person} /> : null;
}

function FollowPerson({ person }: { person: Person }) {
  const { preferences, choices, choose } = usePreferences();
  const known = useRef({ language: person.language, preferences: carried(person.preferences) });
  const first = useRef(true);
  const { lang } = preferences;
  useEffect(() => {
    if (first.current) {
      first.current = false;
      const taken = { lang: known.current.language, ...known.current.preferences, ...readChoices(document.cookie) };
      if (taken.lang !== lang || !isSame(taken, carried(choices))) return choose(taken);
    }
    const own = carried(choices);
    const patch: MyPatch = {
      ...(lang !== known.current.language && { language: lang }),
      ...(!isSame(own, known.current.preferences) && { preferences: own }),
    };
    if (Object.keys(patch).length === 0) return;
    known.current = { language: lang, preferences: own };
    // Nothing is lost when it fails: this browser has it, and the next choice is sent again.
    changeMe(patch).catch(() => undefined);
  }, [lang, choices, choose]);
  return null;
}
