// Documents as rows: what, who changed it when, how long it is, what one may do with it.

import { useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Table, type Column } from '../../../ui/Table';
import { Time } from '../../../ui/Text';
import type { Document } from '../api';
import { draggedDocument } from '../dragging';
import { RightWord, StarButton } from './Names';

const DocumentMenu = lazy(async () => ({ default: (await import('./DocumentMenu')).DocumentMenu }));

const GRID = 'md:grid-cols-[2.5rem_minmax(0,3fr)_minmax(0,1.4fr)_6.5rem_4.5rem_6.5rem_2.5rem] max-md:grid-cols-[auto_minmax(0,1fr)_auto]';
const CUT = 'inline-block max-w-full truncate align-bottom';

interface Props {
  documents: readonly Document[];
  hasMore: boolean;
  onEnd: () => void;
}

export function DocumentTable({ documents, hasMore, onEnd }: Props) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayWrite = useMayWrite();
  const columns: Column<Document>[] = [
    { id: 'star', name: t`Star`, isNameHidden: true, cell: (document) => !document.deleted_at && <StarButton document={document} />, className: 'relative z-1' },
    { id: 'title', name: t`Title`, cell: (document) => <Title document={document} mayWrite={mayWrite} /> },
    { id: 'by', name: t`Changed by`, cell: ({ changed_by }) => <bdi className={CUT}>{changed_by.name}</bdi>, className: 'text-ink-2 max-md:hidden' },
    { id: 'when', name: t`When`, cell: ({ changed_at }) => <Time at={changed_at} />, className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'words', name: t`Words`, cell: ({ words }) => formats.number(words), className: 'text-ink-2 tabular max-md:hidden' },
    { id: 'right', name: t`Your right`, cell: ({ right }) => <RightWord of={right} />, className: 'text-ink-2 max-md:hidden' },
    { id: 'menu', name: t`What can be done`, isNameHidden: true, cell: (document) => <Suspense fallback={null}><DocumentMenu document={document} /></Suspense>, className: 'relative z-1 justify-self-end' },
  ];
  return (
    <Table
      label={t`Documents`}
      rows={documents}
      rowKey={({ id }) => id}
      columns={columns}
      grid={GRID}
      onEnd={onEnd}
      // How many there are in all nobody counted.
      {...(hasMore && { total: -2 })}
    />
  );
}

function Title({ document, mayWrite }: { document: Document; mayWrite: boolean }) {
  const { id, title, changed_by, changed_at } = document;
  return (
    <span className="min-w-0">
      <Link to="/documents/$id" params={{ id }} dir="auto" title={title} className={`${CUT} font-semibold hover:text-lajvard after:absolute after:inset-0`} {...(mayWrite && draggedDocument(document))}>
        {title}
      </Link>
      <span className="flex flex-wrap gap-x-3 text-sm text-ink-3 tabular md:hidden">
        <bdi>{changed_by.name}</bdi>
        <Time at={changed_at} />
      </span>
    </span>
  );
}
