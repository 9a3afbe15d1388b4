// Where the console begins: the page and its reader's words come side by side.

import { dress } from './lib/dress';
import { complete, readChoices, type Lang } from './lib/preferences';
import './ui/style.css';

async function begin(): Promise<void> {
  const html = document.documentElement;
  const pageLang: Lang = html.lang === 'en' ? 'en' : 'fa';
  const preferences = complete(readChoices(document.cookie), pageLang);
  dress(html, preferences);
  const page = import('./app/start');
  const words = import('./app/words');
  await (await words).loadWords(preferences);
  (await page).start(document.getElementById('root') as HTMLElement, pageLang);
}

void begin();
