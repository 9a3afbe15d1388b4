// Draws the console, once its words are there.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Lang } from '../lib/preferences';
import { ReaderProvider } from '../lib/reader';
import { App } from './App';
import { readBoot } from './boot';
import { loadWords } from './words';

export function start(root: HTMLElement, pageLang: Lang): void {
  createRoot(root).render(
    <StrictMode>
      <ReaderProvider pageLang={pageLang} load={loadWords}>
        <App user={readBoot(document).user} />
      </ReaderProvider>
    </StrictMode>,
  );
}
