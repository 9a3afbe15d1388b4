// Asks for what the pages of files show while their code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listFiles, oneFile } from './api';
import { toFilter, type FilesSearch } from './search';

export const prefetchFiles = (client: QueryClient, search: FilesSearch): void => void client.prefetchInfiniteQuery(listFiles(toFilter(search)));
export const prefetchFile = (client: QueryClient, id: string): void => void client.prefetchQuery(oneFile(id));
