// The address of the settings: which of them are shown.

import * as v from 'valibot';
import { holds } from '../../lib/collate';
import { optional } from '../../lib/search';

export const SettingsSearch = v.object({ q: optional(v.string()) });

/** Whether something that is said of a setting holds what is looked for. */
export const isAbout = (said: readonly string[], q: string): boolean => said.some((words) => holds(words, q));
