// Four numbers, each the way to its list.

import { Plural, Trans } from '@lingui/react/macro';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats } from '../../../lib/reader';
import type { Meeting, Totals } from '../../meetings/model';
import type { PortsState } from '../../ports/api';

interface Props {
  live: readonly Meeting[];
  totals: Totals;
  ports: PortsState;
}

export function Figures({ live, totals: { scheduled }, ports }: Props) {
  const formats = useFormats();
  const people = live.reduce((sum, { clients }) => sum + clients, 0);
  const [first = 0, last = 0] = ports.settings.port_range;
  return (
    <ul className="grid grid-cols-2 overflow-clip rounded-lg border border-line bg-surface lg:grid-cols-4">
      <Figure number={formats.number(live.length)} to="/meetings" search={{ state: 'running' }}>
        <Plural value={live.length} one="live meeting" other="live meetings" />
      </Figure>
      <Figure number={formats.number(people)} to="/meetings" search={{ state: 'running' }}>
        <Plural value={people} one="person in the rooms" other="people in the rooms" />
      </Figure>
      <Figure number={formats.number(scheduled)} to="/meetings" search={{ state: 'scheduled' }}>
        <Plural value={scheduled} one="scheduled meeting" other="scheduled meetings" />
      </Figure>
      <Figure number={`${formats.number(ports.used_ports.length)} / ${formats.number(last - first + 1)}`} to="/ports">
        <Trans>ports in use</Trans>
      </Figure>
    </ul>
  );
}

function Figure({ number, children, ...link }: { number: string; children: ReactNode } & Pick<LinkProps, 'to' | 'search'>) {
  return (
    <li className="border-line not-first:border-s max-lg:nth-3:border-s-0 max-lg:nth-[n+3]:border-t">
      <Link {...link} className="block px-4 py-3 hover:bg-sunken/60 focus-visible:-outline-offset-2">
        <b className="block text-[1.6rem] leading-tight font-bold">{number}</b>
        <span className="text-sm text-ink-2">{children}</span>
      </Link>
    </li>
  );
}
