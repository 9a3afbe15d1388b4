// The address of the list of people: whom it shows, and which panel lies beside it.

import * as v from 'valibot';
import { ROLES } from '../../lib/user';
import { STATE_NAMES } from './model';

/** A part of an address that makes no sense is left out, the page comes all the same. */
const optional = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined);

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
