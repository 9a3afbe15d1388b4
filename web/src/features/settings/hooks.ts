// The changes that are being made, until they are saved.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from '../../api/problem';
import { isolateLtr } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { changeSettings, keys, type Changes, type Setting } from './api';
import { read, refusals, toChanges, toUndo, unreadable, withDraft, withoutDraft, type Drafts } from './model';

export function useDrafts(settings: readonly Setting[]) {
  const { t } = useLingui();
  const [drafts, setDrafts] = useState<Drafts>({});
  const save = useSave();
  const refused = save.error instanceof Problem ? refusals(save.error.fields) : {};
  const wrong = unreadable(settings, drafts);

  /** What is wrong with what was typed, or what the server said of it. */
  const errorOf = ({ key, kind }: Setting): string | undefined => {
    const draft = drafts[key];
    if (typeof draft === 'string' && read(kind, draft) === undefined) return t`This cannot be read; see what is allowed.`;
    const detail = key in drafts ? refused[key] : undefined;
    return detail && `${t`This is not allowed:`} ${isolateLtr(detail)}`;
  };

  const commit = (onSaved: () => void, onRefused: (keys: readonly string[]) => void) => {
    const changes = toChanges(settings, drafts);
    const undo = toUndo(settings, changes);
    const saved = () => {
      setDrafts({});
      onSaved();
      const count = Object.keys(changes).length;
      tell(plural(count, { one: '# setting is changed.', other: '# settings are changed.' }), () => save.takeBack(undo));
    };
    save.mutate(changes, { onSuccess: saved, onError: (error) => error instanceof Problem && onRefused(Object.keys(refusals(error.fields))) });
  };

  return {
    drafts,
    count: Object.keys(drafts).length,
    hasWrong: wrong.length > 0,
    error: save.error,
    isPending: save.isPending,
    errorOf,
    commit,
    type: (setting: Setting, text: string) => setDrafts((now) => withDraft(now, setting, text)),
    goBeneath: ({ key }: Setting) => setDrafts((now) => ({ ...now, [key]: null })),
    forget: ({ key }: Setting) => setDrafts((now) => withoutDraft(now, key)),
    forgetAll: () => {
      setDrafts({});
      save.reset();
    },
  };
}

function useSave() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });
  const save = useMutation({ mutationFn: (changes: Changes) => changeSettings(changes), onSettled: renew });
  const takeBack = (changes: Changes) => void changeSettings(changes).then(renew, failure(t`The settings stay as they are now.`));
  return { ...save, takeBack };
}
