// Nothing is here yet: why, and what to do about it.

import { Trans } from '@lingui/react/macro';
import type { ReactNode } from 'react';
import { Button } from './Button';

export function Empty({ title, children, action }: { title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-12 text-center">
      <div className="text-lg font-bold">{title}</div>
      {children && <p className="max-w-[52ch] text-ink-2">{children}</p>}
      {action && <div className="pt-2">{action}</div>}
    </div>
  );
}

/** In the place of a list that has been narrowed to nothing. */
export function NothingFound({ title, onClear }: { title: string; onClear: () => void }) {
  const action = (
    <Button onPress={onClear}>
      <Trans>Show all</Trans>
    </Button>
  );
  return <Empty title={title} action={action} />;
}

/** What stands where rows will be. */
export function Waiting({ label }: { label: string }) {
  return (
    <div role="status" data-waiting className="px-6 py-12 text-center text-ink-2">
      {label}
    </div>
  );
}
