// What is found in documents, tasks, files and people. Words and kinds stand in the address.

import { Trans, useLingui } from '@lingui/react/macro';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef } from 'react';
import { Empty, Waiting } from '../../../ui/Empty';
import { PageHead } from '../../../ui/PageHead';
import { SearchField } from '../../../ui/SearchField';
import { KindChips } from '../components/KindChips';
import { toAsked, writeKinds, type FindSearch } from '../search';

const FoundList = lazy(async () => ({ default: (await import('../components/FoundList')).FoundList }));

const route = getRouteApi('/search');

export function SearchPage() {
  const { t } = useLingui();
  const { q, kinds } = route.useSearch();
  const navigate = route.useNavigate();
  const asked = useMemo(() => toAsked({ q, kinds }), [q, kinds]);
  const change = useCallback((more: FindSearch) => void navigate({ search: (old) => ({ ...old, ...more }), replace: true, resetScroll: false }), [navigate]);
  const find = useCallback((words: string) => change({ q: words || undefined }), [change]);
  const isAsked = asked.q.trim() !== '';
  return (
    <>
      <PageHead title={t`Search`} calls={callsOf({ q, kinds })} />
      <div ref={useFirstWord(isAsked)} className="grid max-w-2xl gap-3 pb-4 [&>.relative]:w-full">
        <SearchField label={t`Words to look for`} value={asked.q} onChange={find} />
        <KindChips label={t`Kinds`} chosen={asked.kinds} onChange={(chosen) => change({ kinds: writeKinds(chosen) })} />
      </div>
      {isAsked ? (
        <Suspense fallback={<Waiting label={t`Searching…`} />}>
          <FoundList asked={asked} onAllKinds={() => change({ kinds: undefined })} />
        </Suspense>
      ) : (
        <Unasked />
      )}
    </>
  );
}

function Unasked() {
  const { t } = useLingui();
  return (
    <section className="jadval">
      <Empty title={t`What are you looking for?`}>
        <Trans>
          Words are found in any form and spelling, and the last one while you still write it. “Words between quotation marks” stand together, and a word with a minus before it is left out. You find what you may read, the text of files too.
        </Trans>
      </Empty>
    </section>
  );
}

/** Whoever comes without words begins to write; the slash leads there too, wherever it stands on the keyboard. */
function useFirstWord(isAsked: boolean) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const write = () => place.current?.querySelector('input')?.focus();
    // After the frame has put the focus on the heading.
    const frame = isAsked ? 0 : requestAnimationFrame(write);
    const press = (event: KeyboardEvent) => {
      if (event.code !== 'Slash' || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || (event.target as HTMLElement).closest('input, [role=dialog]')) return;
      event.preventDefault();
      write();
    };
    window.addEventListener('keydown', press);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('keydown', press);
    };
  }, []);
  return place;
}

const callsOf = ({ q = 'بودجه', kinds }: FindSearch) => [{ path: `/api/v1/search?${new URLSearchParams({ q, ...(kinds && { kinds }) })}` }] as const;
