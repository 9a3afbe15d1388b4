// The documents of a place.

import { Trans, useLingui } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Empty, NothingFound, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import type { Filter } from '../api';
import { useDocuments } from '../hooks';
import type { DocumentsSearch } from '../search';
import { DocumentTable } from './DocumentTable';

interface Props {
  filter: Filter;
  search: DocumentsSearch;
  /** The button that makes one. */
  make: ReactNode;
  onClear: () => void;
}

export function DocumentList({ filter, search, make, onClear }: Props) {
  const { t } = useLingui();
  const { documents, more, error, isPending, isFetchingNextPage, hasNextPage, refetch } = useDocuments(filter);
  if (error && documents.length === 0) return <ErrorView error={error} effect={t`The documents cannot be shown.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Reading the documents…`} />;
  return (
    <section className="jadval">
      {documents.length > 0 && <DocumentTable documents={documents} hasMore={hasNextPage} onEnd={more} />}
      {isFetchingNextPage && <Waiting label={t`Reading more…`} />}
      {documents.length === 0 && <Nothing search={search} make={make} onClear={onClear} />}
    </section>
  );
}

function Nothing({ search: { q, place }, make, onClear }: Pick<Props, 'search' | 'make' | 'onClear'>) {
  const { t } = useLingui();
  if (q?.trim()) return <NothingFound title={t`No document here has these words in its title`} onClear={onClear} />;
  switch (place) {
    case 'trash':
      return (
        <Empty title={t`Nothing is deleted`}>
          <Trans>What is deleted can be had back from here for thirty days.</Trans>
        </Empty>
      );
    case 'shared':
      return (
        <Empty title={t`Nobody shares a document with you yet`}>
          <Trans>What others share with you stands here at once.</Trans>
        </Empty>
      );
    case 'starred':
      return (
        <Empty title={t`No document has your star`}>
          <Trans>Mark what you often need with the star at the beginning of its row. Nobody else sees it.</Trans>
        </Empty>
      );
    case 'templates':
      return (
        <Empty title={t`Nobody made a template yet`} action={make}>
          <Trans>The house has templates for minutes, letters and reports. A document becomes one, too, by its menu.</Trans>
        </Empty>
      );
    default:
      return (
        <Empty title={t`No document here yet`} action={make}>
          <Trans>Begin one, or drop files on this page: Markdown, HTML, plain text, Word, and archives of these.</Trans>
        </Empty>
      );
  }
}
