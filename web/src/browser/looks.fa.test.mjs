// Everybody can use every page, in Persian.

import { looksIn } from './looks.mjs';

looksIn('fa');
