// The page in Persian.

import { fa } from './locales/fa';
import { start } from './main';

start(fa);
