// Everybody can use every page, in English.

import { describe } from 'node:test';
import { looksIn } from './looks.mjs';

describe('en', () => looksIn('en'));
