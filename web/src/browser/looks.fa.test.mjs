// Everybody can use every page, in Persian.

import { describe } from 'node:test';
import { looksIn } from './looks.mjs';

describe('fa', () => looksIn('fa'));
