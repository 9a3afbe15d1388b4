// What the page may say about the text: where it is now, never where it will be.

import type { Right } from './wire';

export interface Refusal {
  /** Such as `signed_out`, `no_right`, `deleted` or `too_large`. */
  code: string;
  detail: string;
}

/** What is known of the line and of what was written. */
export interface Facts {
  isConnected: boolean;
  /** The server has told all that it has, in this opening. */
  isLoaded: boolean;
  /** Changes that are not on the server's disk. */
  unsent: number;
  /** They are all on this device. */
  isKept: boolean;
  may: Right | null;
  refusal: Refusal | null;
}

export type SaveState =
  | { is: 'opening' }
  | { is: 'saved' }
  | { is: 'saving' }
  /** On this device alone, if there is anything to save. */
  | { is: 'offline'; unsent: number }
  /** Neither on the server nor on this device: only in the open page. */
  | { is: 'unkept' }
  | { is: 'refused'; code: string; detail: string; unsent: number };

export function saveState({ isConnected, isLoaded, unsent, isKept, may, refusal }: Facts): SaveState {
  if (refusal) return { is: 'refused', ...refusal, unsent };
  if (may === 'view' && unsent > 0) return { is: 'refused', code: 'no_right', detail: '', unsent };
  if (!isConnected) return unsent > 0 && !isKept ? { is: 'unkept' } : isLoaded || unsent > 0 ? { is: 'offline', unsent } : { is: 'opening' };
  if (!isLoaded) return { is: 'opening' };
  return unsent > 0 ? { is: 'saving' } : { is: 'saved' };
}
