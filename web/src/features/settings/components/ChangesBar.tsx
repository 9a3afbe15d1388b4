// How many changes wait to be saved, at the foot of the page.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { Status } from '../../../ui/Status';

interface Props {
  count: number;
  onForget: () => void;
  onReview: () => void;
}

export function ChangesBar({ count, onForget, onReview }: Props) {
  const { t } = useLingui();
  if (count === 0) return null;
  return (
    <section
      aria-label={t`Changes that are not saved`}
      className="sticky bottom-[calc(0.75rem+var(--dock))] z-30 mt-4 flex flex-wrap items-center gap-3 rounded-lg border border-line-strong bg-surface px-4 py-2.5 shadow-over"
    >
      <span role="status" className="flex-1">
        <Status tone="warn">
          <Plural value={count} one="# change" other="# changes" />
        </Status>
      </span>
      <Button onPress={onForget}>
        <Trans>Forget them</Trans>
      </Button>
      <Button weight="primary" onPress={onReview}>
        <Trans>Look through and save…</Trans>
      </Button>
    </section>
  );
}
