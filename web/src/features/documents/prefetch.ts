// Asks for what the pages of documents show while their code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listDocuments, listFolders, oneDocument } from './api';
import { toFilter, type DocumentsSearch } from './search';

export function prefetchDocuments(client: QueryClient, search: DocumentsSearch): void {
  void client.prefetchInfiniteQuery(listDocuments(toFilter(search)));
  void client.prefetchQuery(listFolders());
}

export const prefetchDocument = (client: QueryClient, id: string): void => void client.prefetchQuery(oneDocument(id));
