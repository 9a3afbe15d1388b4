// A document on a page of its own, for tests: the console's shell is there, the editor comes as it will there.

import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { start } from '../../../app/start';
import { loadWords, withWriteWords } from '../../../app/words';
import { dress } from '../../../lib/dress';
import { complete, readChoices, type Lang } from '../../../lib/preferences';
import { ReaderProvider } from '../../../lib/reader';
import { Toasts } from '../../../ui/Toasts';
import '../../../ui/style.css';

const Paper = lazy(() => withWriteWords(import('./paper').then(({ Paper }) => ({ default: Paper }))));

/** The console's own start is a part of its shell. */
Object.assign(window, { start });

async function begin(): Promise<void> {
  const html = document.documentElement;
  const pageLang: Lang = html.lang === 'en' ? 'en' : 'fa';
  const preferences = complete(readChoices(document.cookie), pageLang);
  dress(html, preferences);
  await loadWords(preferences);
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <ReaderProvider pageLang={pageLang} load={loadWords}>
        <Suspense>
          <Paper />
        </Suspense>
        <Toasts />
      </ReaderProvider>
    </StrictMode>,
  );
}

void begin();
