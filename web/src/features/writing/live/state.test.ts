import { expect, it } from 'vitest';
import { saveState, type Facts, type SaveState } from './state';

const GOOD: Facts = { isConnected: true, isLoaded: true, unsent: 0, isKept: true, may: 'edit', refusal: null };
const check = (more: Partial<Facts>, state: SaveState) => expect(saveState({ ...GOOD, ...more })).toEqual(state);

it('says where the text is', () => {
  check({}, { is: 'saved' });
  check({ unsent: 1 }, { is: 'saving' });
  check({ unsent: 1, isKept: false }, { is: 'saving' });
  check({ isLoaded: false }, { is: 'opening' });
  check({ isLoaded: false, isConnected: false }, { is: 'opening' });
  check({ isConnected: false }, { is: 'offline', unsent: 0 });
  check({ isConnected: false, unsent: 2 }, { is: 'offline', unsent: 2 });
  check({ isConnected: false, unsent: 2, isLoaded: false }, { is: 'offline', unsent: 2 });
  check({ isConnected: false, unsent: 2, isKept: false }, { is: 'unkept' });
  check({ may: 'view' }, { is: 'saved' });
  check({ may: 'view', unsent: 1 }, { is: 'refused', code: 'no_right', detail: '', unsent: 1 });
  check({ refusal: { code: 'signed_out', detail: 'x' }, isConnected: false, unsent: 3 }, { is: 'refused', code: 'signed_out', detail: 'x', unsent: 3 });
});
