// One page at its address, for tests of whole pages.

import { createMemoryHistory, createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { parse, type GenericSchema } from 'valibot';
import type { User } from '../lib/user';
import { showWithNews } from './reader';

/** `address` is the page's path with what it is searched for. */
export function showPage(Page: () => ReactNode, schema: GenericSchema, address: string, user?: User) {
  const root = createRootRoute();
  const path = address.replace(/\?.*/, '');
  const route = createRoute({ getParentRoute: () => root, path, component: Page, validateSearch: (search) => parse(schema, search) as object });
  const router = createRouter({ routeTree: root.addChildren([route]), history: createMemoryHistory({ initialEntries: [address] }), defaultNotFoundComponent: () => null });
  showWithNews(<RouterProvider router={router as never} />, undefined, user);
  return router;
}
