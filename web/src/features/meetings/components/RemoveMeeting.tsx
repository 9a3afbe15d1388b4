// Removing a meeting takes what was said in it along, so its name is typed.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { isolate } from '../../../lib/bidi';
import { useFailure } from '../../../ui/failure';
import { tell } from '../../../ui/Toast';
import { TypeName } from '../../../ui/TypeName';
import { keys, removeMeeting } from '../api';
import type { Meeting } from '../model';

export function RemoveMeeting({ meeting, isOpen, onClose }: { meeting: Meeting; isOpen: boolean; onClose: () => void }) {
  const { t } = useLingui();
  const client = useQueryClient();
  const navigate = useNavigate();
  const failure = useFailure();
  const name = isolate(meeting.name);
  const removed = () => {
    tell(t`“${name}” was removed.`);
    client.removeQueries({ queryKey: keys.one(meeting.id) });
    void navigate({ to: '/meetings' });
    return client.invalidateQueries({ queryKey: keys.all });
  };
  const remove = () => void removeMeeting(meeting.id).then(removed, failure(t`“${name}” was not removed.`));
  return (
    <TypeName title={t`Remove this meeting for ever?`} name={meeting.name} deed={t`Remove for ever`} isOpen={isOpen} onClose={onClose} onSure={remove}>
      <Trans>Its messages, polls and attendance go with it, and nothing brings them back.</Trans>
    </TypeName>
  );
}
