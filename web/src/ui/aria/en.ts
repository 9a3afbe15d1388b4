// What React Aria's parts say to screen readers, in its own English.

import words from 'react-aria-components/i18n/en-US';
import type { Words } from './strings';

export const english: Words = words;
