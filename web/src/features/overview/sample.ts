// Sample data: added and removed, with the news of it.

import { useLingui } from '@lingui/react/macro';
import { useQueryClient } from '@tanstack/react-query';
import { usePreferences } from '../../lib/reader';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { keys as meetings } from '../meetings/api';
import { addSample, keys, removeSample } from './api';

export function useSample() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const { lang } = usePreferences().preferences;
  const renew = () => Promise.all([client.invalidateQueries({ queryKey: keys.sample }), client.invalidateQueries({ queryKey: meetings.all })]);

  const add = async () => {
    const added = () => (tell(t`A week of sample meetings is here; one of them is live.`), renew());
    await addSample(lang).then(added, failure(t`The sample data was not added.`));
  };

  const remove = async () => {
    const removed = () => (tell(t`The sample data is gone.`), renew());
    await removeSample().then(removed, failure(t`The sample data is still here.`));
  };

  return { add, remove };
}
