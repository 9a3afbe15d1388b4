// By which channels one hears of each event of a group.

import { Trans, useLingui } from '@lingui/react/macro';
import { isolate } from '../../../lib/bidi';
import { Panel } from '../../../ui/Panel';
import { Mono } from '../../../ui/Text';
import { Tick } from '../../../ui/Tick';
import { GROUPS } from '../../webhooks/events';
import type { Choices } from '../api';
import type { Save } from '../hooks';
import { CHANNELS, offeredOf, withChannel, wordOf, type Channel } from '../model';

interface Props {
  group: string;
  names: readonly string[];
  choices: Choices;
  onSave: Save;
}

export function Matrix({ group, names, choices, onSave }: Props) {
  const { t } = useLingui();
  const channels = offeredOf(choices);
  const word = GROUPS[group];
  const title = word ? t(word) : group;
  const set = (names: readonly string[], channel: Channel, isOn: boolean) => onSave(withChannel(choices, names, channel, isOn), choices);
  return (
    <Panel title={title} flush>
      <table className="w-full table-fixed">
        <caption className="sr-only">{title}</caption>
        <thead className="text-sm text-ink-3">
          <tr>
            <th scope="col" className="px-4 py-1 text-start font-semibold">
              <Trans>Event</Trans>
            </th>
            {channels.map((channel) => (
              <th key={channel} scope="col" className="w-18 px-1 py-1 text-center font-semibold sm:w-24">
                {t(CHANNELS[channel])}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <Row key={name} name={name} channels={channels} choices={choices} onSet={set} />
          ))}
          {names.length > 1 && <All names={names} channels={channels} choices={choices} onSet={set} />}
        </tbody>
      </table>
    </Panel>
  );
}

interface RowProps {
  channels: readonly Channel[];
  choices: Choices;
  onSet: (names: readonly string[], channel: Channel, isOn: boolean) => void;
}

const ROW = 'border-t border-line hover:bg-sunken/50';
const CELL = 'px-1';

function Row({ name, channels, choices, onSet }: RowProps & { name: string }) {
  const { t } = useLingui();
  const word = wordOf(name);
  const called = word ? t(word) : isolate(name);
  return (
    <tr className={ROW}>
      <th scope="row" className="px-4 py-2 text-start font-normal wrap-anywhere">
        {word ? called : <Mono>{name}</Mono>}
      </th>
      {channels.map((channel) => {
        const isOn = choices.events[name]?.[channel] ?? false;
        const by = t(CHANNELS[channel]);
        return (
          <td key={channel} className={CELL}>
            <span className="flex justify-center">
              <Tick label={t`${called}: ${by}`} isOn={isOn} onChange={() => onSet([name], channel, !isOn)} />
            </span>
          </td>
        );
      })}
    </tr>
  );
}

function All({ names, channels, choices, onSet }: RowProps & { names: readonly string[] }) {
  const { t } = useLingui();
  return (
    <tr className={`${ROW} text-ink-2`}>
      <th scope="row" className="px-4 py-2 text-start font-normal">
        <Trans>All of them</Trans>
      </th>
      {channels.map((channel) => {
        const isOn = names.every((name) => choices.events[name]?.[channel]);
        const by = t(CHANNELS[channel]);
        return (
          <td key={channel} className={CELL}>
            <span className="flex justify-center">
              <Tick label={t`All of them: ${by}`} isOn={isOn} onChange={() => onSet(names, channel, !isOn)} />
            </span>
          </td>
        );
      })}
    </tr>
  );
}
