// The head of a page: its name, a line below it, and what can be done there.

import type { ReactNode } from 'react';
import { Calls, type Call } from './Calls';

interface Props {
  title: string;
  /** What the heading shows when it is more than the title. */
  heading?: ReactNode;
  note?: ReactNode;
  tools?: ReactNode;
  /** What a program would ask for to know the same. */
  calls: readonly Call[];
}

export function PageHead({ title, heading, note, tools, calls }: Props) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 pb-4">
      {/* React lifts it into the head. */}
      <title>{`${title} · Dabir`}</title>
      {/* On a phone a sign alone stands beside the title, and what is wider goes below it. */}
      <div className="min-w-0 max-sm:grow max-sm:basis-40">
        <h1 tabIndex={-1} className="text-2xl font-bold outline-none wrap-anywhere">
          {heading ?? title}
        </h1>
        {note && <div className="text-ink-2">{note}</div>}
      </div>
      <div className="ms-auto flex flex-wrap items-center gap-2 max-sm:order-last max-sm:ms-0 empty:hidden">{tools}</div>
      <Calls calls={calls} />
    </header>
  );
}
