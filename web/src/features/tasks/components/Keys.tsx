// The keys of the pages of tasks.

import { useLingui } from '@lingui/react/macro';
import { KeyList } from '../../../ui/KeyList';

export function Keys({ onClose }: { onClose: () => void }) {
  const { t } = useLingui();
  const all: [string, string][] = [
    ['J K ↓ ↑', t`to the next row, to the one before`],
    ['Enter', t`opens the task`],
    ['X', t`chooses it`],
    ['S', t`its status`],
    ['A', t`whom it is given to`],
    ['D', t`until when`],
    ['L', t`a label`],
    ['Delete', t`deletes it`],
    ['C', t`a new task`],
    ['/', t`search`],
    ['Shift ← ↑ → ↓', t`moves a card on the board, or a task in the calendar`],
    ['?', t`this list`],
  ];
  return <KeyList keys={all} onClose={onClose} />;
}
