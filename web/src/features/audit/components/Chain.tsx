// Whether the audit is as it was written: each entry seals the one before it.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useFormats } from '../../../lib/reader';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Status } from '../../../ui/Status';
import { keys, verdict, type Verification } from '../api';

export function Chain() {
  const { t } = useLingui();
  const { data, error, isFetching, refetch } = useQuery(verdict());
  const client = useQueryClient();
  // The list too, which does not look again by itself.
  const lookAgain = () => void client.invalidateQueries({ queryKey: keys.all });
  if (error) return <ErrorView error={error} effect={t`Whether the audit is whole is not known.`} onRetry={() => void refetch()} />;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1">
      <span role="status">
        {isFetching || !data ? (
          <Status tone="wait">
            <Trans>Checking the seals…</Trans>
          </Status>
        ) : (
          <Verdict verification={data} />
        )}
      </span>
      {data && !data.whole && (
        <p>
          <bdi lang="en">{data.reason}</bdi>
        </p>
      )}
      <Button weight="bare" size="small" isDisabled={isFetching} onPress={lookAgain}>
        <Trans>Check again</Trans>
      </Button>
    </div>
  );
}

function Verdict({ verification: { whole, seq } }: { verification: Verification }) {
  const formats = useFormats();
  const number = formats.number(seq);
  return whole ? (
    <Status tone="live">
      <Trans>Whole: {number} entries</Trans>
    </Status>
  ) : (
    <Status tone="bad">
      <Trans>Broken at entry {number}</Trans>
    </Status>
  );
}
