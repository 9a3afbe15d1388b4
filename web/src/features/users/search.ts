// The address of the list of people: whom it shows, and which panel lies beside it.

import * as v from 'valibot';
import { optional } from '../../lib/search';
import { ROLES } from '../../lib/user';
import { STATE_NAMES } from './model';

export const UsersSearch = v.object({
  q: optional(v.string()),
  role: optional(v.picklist(ROLES)),
  state: optional(v.picklist(STATE_NAMES)),
  /** Whose panel is open. */
  user: optional(v.string()),
  /** Whether somebody is being invited. */
  invite: optional(v.literal('yes')),
});

export type UsersSearch = v.InferOutput<typeof UsersSearch>;
