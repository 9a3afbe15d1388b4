// An order for many jobs is given once one has read how many they are.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Answered } from '../../../ui/Answered';
import { Button } from '../../../ui/Button';
import { Answers, Box } from '../../../ui/Overlay';
import { countJobs, type Filter } from '../api';
import { useJobActions } from '../hooks';
import { meant, type Order } from '../model';

interface Props {
  order: Order;
  filter: Filter;
  onClose: () => void;
}

export function BulkBox({ order, filter, onClose }: Props) {
  const { t } = useLingui();
  const query = useQuery(countJobs(filter, meant(order, filter)));
  const title = order === 'retry' ? t`Try all of them again?` : t`Cancel all of them?`;
  return (
    <Box title={title} isOpen onClose={onClose} role="alertdialog">
      <Answered query={query} reading={t`Counting…`} effect={t`The jobs cannot be counted.`}>
        {(count) => <Question order={order} filter={filter} count={count} onClose={onClose} />}
      </Answered>
    </Box>
  );
}

function Question({ order, filter, count, onClose }: Props & { count: number }) {
  const { all } = useJobActions();
  const isRetry = order === 'retry';
  const sure = () => {
    onClose();
    void all(order, filter);
  };
  return (
    <div className="grid gap-3">
      <p>{isRetry ? <Retried count={count} /> : <Ended count={count} />}</p>
      <Answers>
        <Button onPress={onClose} autoFocus>
          <Trans>Leave them</Trans>
        </Button>
        <Button weight={isRetry ? 'primary' : 'danger'} isDisabled={count === 0} onPress={sure}>
          {isRetry ? <Plural value={count} one="Try # job again" other="Try # jobs again" /> : <Plural value={count} one="Cancel # job" other="Cancel # jobs" />}
        </Button>
      </Answers>
    </div>
  );
}

function Retried({ count }: { count: number }) {
  return (
    <Plural
      value={count}
      one="# job that failed, was cancelled or set aside fits the filters. It goes back into its queue with the arguments it has."
      other="# jobs that failed, were cancelled or set aside fit the filters. They go back into their queues with the arguments they have."
    />
  );
}

function Ended({ count }: { count: number }) {
  return (
    <Plural
      value={count}
      one="# job that waits or runs fits the filters. If it waits it ends at once, if it runs as soon as it can."
      other="# jobs that wait or run fit the filters. Those that wait end at once, those that run as soon as they can."
    />
  );
}
