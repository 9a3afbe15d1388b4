// Who else has the document open.

import { Trans, useLingui } from '@lingui/react/macro';
import { useEffect, useState } from 'react';
import { useFormats } from '../../../lib/reader';
import { Status } from '../../../ui/Status';
import type { Live } from '../../writing/live/provider';

const NAMED = 3;

export function Here({ live }: { live: Live }) {
  const { t } = useLingui();
  const formats = useFormats();
  const others = useOthers(live);
  const [first, ...more] = others;
  if (!first) return <span className="text-sm text-ink-3">{t`You are here alone`}</span>;
  const names = formats.list(others.slice(0, NAMED));
  const unnamed = formats.number(more.length - NAMED + 1);
  return (
    <span title={others.join('\n')} className="min-w-0">
      <Status tone="live">
        <bdi className="truncate">{others.length > NAMED ? <Trans>{names} and {unnamed} more are here</Trans> : <Trans>Here too: {names}</Trans>}</bdi>
      </Status>
    </span>
  );
}

/** Their names, each once. */
function useOthers(live: Live): readonly string[] {
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    const { awareness } = live;
    const look = () => {
      const others = [...awareness.getStates()].filter(([id]) => id !== awareness.clientID);
      const people = others.flatMap(([, state]) => (state.user as { name?: string } | undefined)?.name ?? []);
      const now = [...new Set(people)].sort();
      setNames((old) => (old.join('\n') === now.join('\n') ? old : now));
    };
    look();
    awareness.on('change', look);
    return () => awareness.off('change', look);
  }, [live]);
  return names;
}
