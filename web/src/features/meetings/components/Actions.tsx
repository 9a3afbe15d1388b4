// The buttons of one meeting: what can be done in its state.

import { plural } from '@lingui/core/macro';
import { Trans, useLingui } from '@lingui/react/macro';
import { DoorOpen, EllipsisVertical, NotebookPen, Play, Square } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../ui/Button';
import { Menu, type Action } from '../../../ui/Menu';
import { useMayRun } from '../../../lib/user';
import { useMeetingActions } from '../hooks';
import { canExtend, canRemove, canStart, isLive, type Meeting } from '../model';
import { RemoveMeeting } from './RemoveMeeting';

export function Actions({ meeting }: { meeting: Meeting }) {
  const mayRun = useMayRun();
  const { start, stop, enter, read } = useMeetingActions();
  if (!mayRun) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {meeting.state === 'running' && (
        <Button weight="primary" onPress={() => void enter(meeting)}>
          <DoorOpen size={16} aria-hidden />
          <Trans>Enter</Trans>
        </Button>
      )}
      {canStart(meeting, Date.now()) && (
        <Button weight="primary" onPress={() => void start(meeting)}>
          <Play size={16} aria-hidden />
          <Trans>Start now</Trans>
        </Button>
      )}
      {isLive(meeting) && (
        <Button weight="danger" onPress={() => stop(meeting)}>
          <Square size={14} aria-hidden />
          <Trans>End</Trans>
        </Button>
      )}
      {meeting.state === 'ended' && (
        <Button onPress={() => void read(meeting)}>
          <NotebookPen size={16} aria-hidden />
          <Trans>Minutes</Trans>
        </Button>
      )}
      <More meeting={meeting} />
    </div>
  );
}

const EXTENSIONS = [15, 30, 60];

function More({ meeting }: { meeting: Meeting }) {
  const { t } = useLingui();
  const { extend } = useMeetingActions();
  const [removing, setRemoving] = useState(false);
  const actions: Action[] = [];
  if (canExtend(meeting)) {
    actions.push(...EXTENSIONS.map((n) => ({ id: `extend-${n}`, text: plural(n, { one: '# minute longer', other: '# minutes longer' }), run: () => void extend(meeting, n) })));
  }
  if (canRemove(meeting)) actions.push({ id: 'remove', text: t`Remove for ever…`, run: () => setRemoving(true) });
  if (!actions.length) return null;
  return (
    <>
      <Menu label={t`More`} icon={<EllipsisVertical size={18} aria-hidden />} actions={actions} />
      <RemoveMeeting meeting={meeting} isOpen={removing} onClose={() => setRemoving(false)} />
    </>
  );
}
