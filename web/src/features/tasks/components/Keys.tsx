// The keys of the pages of tasks.

import { Trans, useLingui } from '@lingui/react/macro';
import { Box } from '../../../ui/Overlay';

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
  return (
    <Box title={t`Keys`} isOpen onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2">
        {all.map(([key, words]) => (
          <div key={key} className="contents">
            <dt>
              <kbd dir="ltr" className="inline-block rounded-sm border border-line-strong bg-sunken px-1.5 font-mono text-sm">
                {key}
              </kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <p className="text-sm text-ink-2">
        <Trans>The letters count by their place on the keyboard, so they work while it writes Persian too.</Trans>
      </p>
    </Box>
  );
}
