// When a source was synced last: how long ago, and the moment itself.

import { Trans } from '@lingui/react/macro';
import { useFormats } from '../../../lib/reader';
import { Time } from '../../../ui/Text';

export function Last({ at }: { at: string | null | undefined }) {
  const formats = useFormats();
  if (!at) return <Trans>never</Trans>;
  return (
    <>
      {formats.ago(at, Date.now())}{' '}
      <span className="text-sm text-ink-2">
        <Time at={at} style="full" />
      </span>
    </>
  );
}
