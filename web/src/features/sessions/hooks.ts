// Ending sessions. It is done at once: who was put out wrongly signs in again.

import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { endOtherSessions, endSession, keys } from './api';

export function useSessionActions() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const done = (news: string) => () => {
    tell(news);
    return client.invalidateQueries({ queryKey: keys.all });
  };
  const end = (id: string) => endSession(id).then(done(t`The session has ended, and all that it had open.`), failure(t`The session goes on.`));
  const endOthers = () => endOtherSessions().then(done(t`Only this session is left.`), failure(t`The other sessions go on.`));
  return { end, endOthers };
}
