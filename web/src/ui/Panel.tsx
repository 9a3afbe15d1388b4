// A part of a page under the double rule, with its heading and what can be done with it.

import { useId, type ReactNode } from 'react';
import { cx } from './cx';

interface Props {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without room around its content: tables reach the edges. */
  flush?: boolean;
  className?: string;
}

export function Panel({ title, actions, children, flush, className }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={cx('jadval', className)}>
      <header className="flex min-h-12 flex-wrap items-center justify-between gap-2 px-4 pt-2 pb-1">
        <h2 id={id} className="text-lg font-bold">
          {title}
        </h2>
        {actions}
      </header>
      <div className={flush ? undefined : 'px-4 pb-4'}>{children}</div>
    </section>
  );
}

/** Pairs of a word and what it stands for. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5">{children}</dl>;
}

export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}
