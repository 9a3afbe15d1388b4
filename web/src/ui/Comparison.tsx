// What was, and what is instead, side by side.

import { useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';

export interface Difference {
  id: string;
  name: ReactNode;
  /** `null` where there was nothing, or is nothing any more. */
  before: ReactNode;
  after: ReactNode;
  isSame?: boolean;
}

export function Comparison({ label, rows }: { label: string; rows: readonly Difference[] }) {
  const { t } = useLingui();
  return (
    <table className="w-full table-fixed text-start">
      <caption className="sr-only">{label}</caption>
      <thead className="text-sm text-ink-3">
        <tr>
          <Head>{t`Part`}</Head>
          <Head>{t`Before`}</Head>
          <Head>{t`After`}</Head>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, before, after, isSame }) => (
          <tr key={id} className="border-t border-line align-top">
            <th scope="row" className={`${CELL} font-normal text-ink-2`}>
              {name}
            </th>
            <td className={CELL}>{isSame ? before : <Old>{before}</Old>}</td>
            <td className={CELL}>{isSame ? after : <New>{after}</New>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const CELL = 'py-1.5 pe-3 text-start wrap-anywhere';

function Head({ children }: { children: ReactNode }) {
  return (
    <th scope="col" className={`${CELL} font-semibold`}>
      {children}
    </th>
  );
}

const NOTHING = <span className="text-ink-3">—</span>;

function Old({ children }: { children: ReactNode }) {
  return children === null ? NOTHING : <del className="rounded-sm bg-anar-soft px-1 text-anar">{children}</del>;
}

function New({ children }: { children: ReactNode }) {
  return children === null ? NOTHING : <ins className="rounded-sm bg-firuze-soft px-1 font-semibold text-firuze no-underline">{children}</ins>;
}
