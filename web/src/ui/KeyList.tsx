// The keys of a page, and what each does.

import { Trans, useLingui } from '@lingui/react/macro';
import { Box } from './Overlay';

export function KeyList({ keys, onClose }: { keys: readonly (readonly [string, string])[]; onClose: () => void }) {
  const { t } = useLingui();
  return (
    <Box title={t`Keys`} isOpen onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-2">
        {keys.map(([key, words]) => (
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
