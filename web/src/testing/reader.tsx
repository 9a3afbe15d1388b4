// A page with a reader and data behind it, for tests of components.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { ReaderProvider } from '../lib/reader';
import { UserProvider, type User } from '../lib/user';
import { Toasts } from '../ui/Toasts';

const ADMIN: User = { name: 'Sara', role: 'admin' };

export function show(part: ReactNode, client = new QueryClient(), user = ADMIN) {
  return render(
    <QueryClientProvider client={client}>
      <UserProvider value={user}>
        <ReaderProvider pageLang="en" load={async () => undefined}>
          {part}
        </ReaderProvider>
      </UserProvider>
    </QueryClientProvider>,
  );
}

/** The same with the place where news appear. */
export const showWithNews = (part: ReactNode, client?: QueryClient, user?: User) =>
  show(
    <>
      {part}
      <Toasts />
    </>,
    client,
    user,
  );
