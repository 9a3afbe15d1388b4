// What runs now, and what comes next when nothing does.

import { Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { Empty } from '../../../ui/Empty';
import { Panel } from '../../../ui/Panel';
import { MeetingTable } from '../../meetings/components/MeetingTable';
import type { Meeting } from '../../meetings/model';

const SHOWN = 12;

export function LiveMeetings({ live }: { live: readonly Meeting[] }) {
  const { t } = useLingui();
  const all = (
    <Link to="/meetings" className="text-lajvard hover:underline">
      <Trans>All meetings</Trans>
    </Link>
  );
  return (
    <Panel title={t`Live meetings`} actions={all} flush>
      {live.length > 0 ? (
        <MeetingTable meetings={live.slice(0, SHOWN)} narrow />
      ) : (
        <Empty title={t`No meeting is live`}>
          <Trans>With “New meeting” one is live at once.</Trans>
        </Empty>
      )}
    </Panel>
  );
}
