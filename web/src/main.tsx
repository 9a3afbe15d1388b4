// Where the console begins: its reader's words first, then the page.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { readBoot } from './app/boot';
import { loadWords } from './app/words';
import { complete, readChoices, type Lang } from './lib/preferences';
import { dress, ReaderProvider } from './lib/reader';
import './ui/style.css';

async function begin(): Promise<void> {
  const html = document.documentElement;
  const pageLang: Lang = html.lang === 'en' ? 'en' : 'fa';
  const preferences = complete(readChoices(document.cookie), pageLang);
  dress(html, preferences);
  await loadWords(preferences);
  const root = createRoot(document.getElementById('root') as HTMLElement);
  root.render(
    <StrictMode>
      <ReaderProvider pageLang={pageLang} load={loadWords}>
        <App boot={readBoot(document)} />
      </ReaderProvider>
    </StrictMode>,
  );
}

void begin();
