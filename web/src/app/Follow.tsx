// The language goes with the person: what they choose is kept with their account, and a browser that has no choice yet
// takes it from there.

import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { changeMe, me, type Person } from '../features/account/api';
import { readChoices } from '../lib/preferences';
import { usePreferences } from '../lib/reader';

export function Follow() {
  const person = useQuery(me()).data?.user;
  return person ? <FollowPerson person={person} /> : null;
}

function FollowPerson({ person }: { person: Person }) {
  const { preferences, choose } = usePreferences();
  const known = useRef(person.language);
  const first = useRef(true);
  const { lang } = preferences;
  useEffect(() => {
    const isFirst = first.current;
    first.current = false;
    if (lang === known.current) return;
    if (isFirst && !readChoices(document.cookie).lang) return choose({ lang: known.current });
    known.current = lang;
    // Nothing is lost when it fails: this browser has it, and the next choice is sent again.
    changeMe({ language: lang }).catch(() => undefined);
  }, [lang, choose]);
  return null;
}
