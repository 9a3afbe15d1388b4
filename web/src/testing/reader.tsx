// A page with a reader and data behind it, for tests of components.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { ReaderProvider } from '../lib/reader';

export function show(part: ReactNode, client = new QueryClient()) {
  return render(
    <QueryClientProvider client={client}>
      <ReaderProvider pageLang="en" load={async () => undefined}>
        {part}
      </ReaderProvider>
    </QueryClientProvider>,
  );
}
