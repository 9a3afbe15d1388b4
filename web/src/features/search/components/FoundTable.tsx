// What was found, as rows: what, with the place where it stands, of which kind, and when it was changed.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { isKind, KINDS } from '../../../lib/kinds';
import { useIsAdmin } from '../../../lib/user';
import { cx } from '../../../ui/cx';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import type { Hit } from '../api';
import { keyOf, placeOf } from '../model';
import { AT_PAGE_START, Snippet } from './Snippet';

const GRID = 'md:grid-cols-[minmax(0,1fr)_8rem_8.5rem]';

interface Props {
  hits: readonly Hit[];
  hasMore: boolean;
  onEnd: () => void;
}

export function FoundTable({ hits, hasMore, onEnd }: Props) {
  const { t } = useLingui();
  const columns: Column<Hit>[] = [
    { id: 'name', name: t`Name`, cell: (hit) => <Name hit={hit} />, className: 'max-md:col-span-2' },
    { id: 'kind', name: t`Kind`, cell: ({ kind }) => <KindWord kind={kind} />, className: 'text-ink-2 max-md:text-sm' },
    { id: 'when', name: t`Last changed`, cell: ({ updated_at }) => <Time at={updated_at} />, className: 'text-ink-2 tabular max-md:text-sm' },
  ];
  return (
    <Table
      label={t`What was found`}
      rows={hits}
      rowKey={keyOf}
      columns={columns}
      grid={GRID}
      onEnd={onEnd}
      // How many there are in all nobody counted.
      {...(hasMore && { total: -2 })}
    />
  );
}

/** The whole row leads there. */
const NAME = cx('inline-block max-w-full font-semibold wrap-anywhere hover:text-lajvard after:absolute after:inset-0', AT_PAGE_START);

function Name({ hit }: { hit: Hit }) {
  const { title, snippet } = hit;
  return (
    <span className="block py-1">
      <Link {...placeOf(hit, useIsAdmin())} dir="auto" className={NAME}>
        {title}
      </Link>
      <Snippet pieces={snippet} />
    </span>
  );
}

function KindWord({ kind }: { kind: string }) {
  const { t } = useLingui();
  if (!isKind(kind)) return null;
  const { word, icon: Icon } = KINDS[kind];
  return (
    <span className="inline-flex items-center gap-2">
      <Icon size={16} aria-hidden className="flex-none text-ink-3" />
      {t(word)}
    </span>
  );
}
