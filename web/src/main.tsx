// Where the console begins: its words are fetched, then it is drawn.

import { start } from './app/start';
import { loadWords } from './app/words';
import { dress } from './lib/dress';
import { complete, readChoices, type Lang } from './lib/preferences';
import './ui/style.css';

async function begin(): Promise<void> {
  const html = document.documentElement;
  const pageLang: Lang = html.lang === 'en' ? 'en' : 'fa';
  const preferences = complete(readChoices(document.cookie), pageLang);
  // Before the first text and after the scripts, so that neither waits for the other.
  void document.fonts.load('1em Vazirmatn', 'آA');
  dress(html, preferences);
  await loadWords(preferences);
  start(document.getElementById('root') as HTMLElement, pageLang);
}

void begin();
