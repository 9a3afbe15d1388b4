// What a webhook asks for: everything, all of a kind, or events one by one.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Answered } from '../../../ui/Answered';
import { Wrong } from '../../../ui/Field';
import { Mono } from '../../../ui/Text';
import { listEvents, type EventView } from '../api';
import { byGroup, GROUPS } from '../events';
import { ALL, allOf, asksFor, tidied, toggled } from '../model';
import { EventName } from './Names';

interface Props {
  value: readonly string[];
  onChange: (patterns: string[]) => void;
  error?: string | undefined;
}

export function EventPicker({ value, onChange, error }: Props) {
  const { t } = useLingui();
  const toggle = (pattern: string) => onChange(tidied(toggled(value, pattern)));
  return (
    <fieldset className="grid gap-2">
      <legend className="pb-1 font-semibold">
        <Trans>What it is told</Trans>
      </legend>
      <Box isOn={value.includes(ALL)} onChange={() => toggle(ALL)}>
        <Trans>Everything, also what Dabir learns to tell later</Trans>
      </Box>
      <Answered query={useQuery(listEvents())} reading={t`Reading the events…`} effect={t`The events cannot be shown.`}>
        {(events) => byGroup(events).map(([group, events]) => <Group key={group} group={group} events={events} value={value} onToggle={toggle} />)}
      </Answered>
      <Wrong>{error}</Wrong>
    </fieldset>
  );
}

interface GroupProps {
  group: string;
  events: readonly EventView[];
  value: readonly string[];
  onToggle: (pattern: string) => void;
}

function Group({ group, events, value, onToggle }: GroupProps) {
  const { t } = useLingui();
  const name = GROUPS[group];
  const [hasAll, hasGroup] = [value.includes(ALL), value.includes(allOf(group))];
  const chosen = events.filter(({ name }) => asksFor(value, name)).length;
  return (
    <details className="rounded-md border border-line px-3 open:pb-2" open={!hasAll && !hasGroup && chosen > 0}>
      <summary className="flex min-h-10 cursor-pointer items-center justify-between gap-3">
        <span className="font-semibold">{name ? t(name) : <Mono>{group}</Mono>}</span>
        <span className="text-sm text-ink-3">{hasAll || hasGroup ? <Trans>all</Trans> : chosen > 0 && <Plural value={chosen} one="# chosen" other="# chosen" />}</span>
      </summary>
      <Box isOn={hasAll || hasGroup} isDisabled={hasAll} onChange={() => onToggle(allOf(group))}>
        <Trans>All of them</Trans> <Mono className="text-ink-3">{allOf(group)}</Mono>
      </Box>
      <div className="ms-4 grid">
        {events.map(({ name }) => (
          <Box key={name} isOn={asksFor(value, name)} isDisabled={hasAll || hasGroup} onChange={() => onToggle(name)}>
            <EventName event={name} /> <Mono className="text-ink-3">{name}</Mono>
          </Box>
        ))}
      </div>
    </details>
  );
}

interface BoxProps {
  isOn: boolean;
  isDisabled?: boolean;
  onChange: () => void;
  children: ReactNode;
}

function Box({ isOn, isDisabled, onChange, children }: BoxProps) {
  return (
    <label className="flex min-h-9 items-center gap-3 cursor-pointer has-disabled:cursor-default has-disabled:text-ink-2">
      <input type="checkbox" checked={isOn} disabled={isDisabled} onChange={onChange} className="size-5 flex-none accent-lajvard" />
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </label>
  );
}
