// Saving a choice at once, with the way back.

import { useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { choose, keys, type Choices } from './api';

/** Each takes the place of all that were before, so they go out one after the other. */
const ORDER = { id: 'notification-choices' };

export type Save = (next: Choices, before: Choices) => void;

export function useChoose() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const { mutateAsync, error } = useMutation({ scope: ORDER, mutationKey: keys.choices, mutationFn: choose });
  const closeNews = useRef(() => {});
  const show = (choices: Choices) => client.setQueryData(keys.choices, choices);

  const send = async (next: Choices, before: Choices, done: () => void) => {
    await client.cancelQueries({ queryKey: keys.choices });
    show(next);
    closeNews.current();
    const saved = (now: Choices) => {
      if (client.isMutating({ mutationKey: keys.choices }) === 0) show(now);
      done();
    };
    const failed = (error: unknown) => (show(before), failure(t`Your choice was not saved.`)(error));
    await mutateAsync(next).then(saved, failed);
  };

  /** Of several choices the last one can be taken back. */
  const save: Save = (next, before) => {
    const undo = () => void send(before, next, () => undefined);
    void send(next, before, () => {
      closeNews.current();
      closeNews.current = tell(t`Your choice is saved.`, undo);
    });
  };
  return { save, error };
}
