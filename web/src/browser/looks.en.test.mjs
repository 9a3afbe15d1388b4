// Everybody can use every page, in English.

import { looksIn } from './looks.mjs';

looksIn('en');
