// Asks for what a page shows while its code is still on its way.

import type { QueryClient } from '@tanstack/react-query';
import { listSources, oneSource } from './api';

export const prefetchSources = (client: QueryClient): void => void client.prefetchQuery(listSources());
export const prefetchSource = (client: QueryClient, name: string): void => void client.prefetchQuery(oneSource(name));
