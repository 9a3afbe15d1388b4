// All that is found for some words; how many that is, is said only once all of it has been read.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Empty, Waiting } from '../../../ui/Empty';
import { ErrorView } from '../../../ui/ErrorView';
import type { Asked } from '../api';
import { useAll } from '../hooks';
import { hintsFor, type Hint } from '../model';
import { FoundTable } from './FoundTable';

interface Props {
  asked: Asked;
  onAllKinds: () => void;
}

export function FoundList({ asked, onAllKinds }: Props) {
  const { t } = useLingui();
  const { hits, more, error, isPending, isPlaceholderData, isFetchingNextPage, hasNextPage, refetch } = useAll(asked);
  if (error && (isPending || hits.length === 0)) return <ErrorView error={error} effect={t`Nothing can be found now.`} onRetry={() => void refetch()} />;
  if (isPending) return <Waiting label={t`Searching…`} />;
  const isEmpty = hits.length === 0 && !hasNextPage && !isPlaceholderData;
  return (
    <>
      <p role="status" className="pb-2 text-sm text-ink-2">
        <Count count={hits.length} isSearching={isPlaceholderData} hasMore={hasNextPage} />
      </p>
      {error && <ErrorView error={error} effect={t`The rest cannot be shown.`} onRetry={more} />}
      <section aria-busy={isPlaceholderData} className={cx('jadval', isPlaceholderData && 'opacity-70')}>
        {hits.length > 0 && <FoundTable hits={hits} hasMore={hasNextPage} onEnd={more} />}
        {(isFetchingNextPage || (isPlaceholderData && hits.length === 0)) && <Waiting label={t`Searching…`} />}
        {isEmpty && <Nothing asked={asked} onAllKinds={onAllKinds} />}
      </section>
    </>
  );
}

function Count({ count, isSearching, hasMore }: { count: number; isSearching: boolean; hasMore: boolean }) {
  if (isSearching) return <Trans>Searching…</Trans>;
  if (hasMore) return plural(count, { one: 'One so far, and there may be more.', other: '# so far, and there may be more.' });
  return count === 0 ? <Trans>Nothing was found.</Trans> : plural(count, { one: 'One was found.', other: '# were found.' });
}

function Nothing({ asked, onAllKinds }: Props) {
  const { t } = useLingui();
  const words = isolate(asked.q.trim());
  const action = asked.kinds.length > 0 && (
    <Button onPress={onAllKinds}>
      <Trans>Look among all kinds</Trans>
    </Button>
  );
  return (
    <>
      <Empty title={t`Nothing is there for ${words}`} action={action}>
        <Trans>Other spellings and forms of the words were looked for too.</Trans>
      </Empty>
      <Hints hints={hintsFor(asked)} />
    </>
  );
}

function Hints({ hints }: { hints: readonly Hint[] }) {
  const { t } = useLingui();
  const texts: Record<Hint, string> = {
    quotes: t`Words between quotation marks are found only where they stand together; without the marks they may stand anywhere.`,
    without: t`A word with a minus before it leaves out all that has this word.`,
    fewer: t`All words must be there. With fewer of them there is more to find.`,
  };
  if (hints.length === 0) return null;
  return (
    <ul className="mx-auto grid max-w-[60ch] list-disc gap-1 px-10 pb-10 text-ink-2">
      {hints.map((hint) => (
        <li key={hint}>{texts[hint]}</li>
      ))}
    </ul>
  );
}
