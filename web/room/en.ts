// The page in English.

import { en } from './locales/en';
import { start } from './main';

start(en);
