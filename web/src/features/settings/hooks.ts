// The changes that are being made, until they are saved.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Problem } from '../../api/problem';
import { useFailure } from '../../ui/failure';
import { tell } from '../../ui/Toast';
import { changeSettings, keys, type Changes, type Setting } from './api';
import { changeUnsaved, NONE, useUnsaved } from './drafts';
import { read, refusals, toChanges, toUndo, unreadable, withDraft, withoutDraft, type Drafts, type Fault } from './model';

export function useDrafts(settings: readonly Setting[]) {
  const { drafts, refused } = useUnsaved();
  const save = useSave();
  const wrong = unreadable(settings, drafts);

  /** What is wrong with what was typed, or what the server said of it. */
  const faultOf = ({ key, kind }: Setting): Fault | undefined => {
    const draft = drafts[key];
    if (typeof draft === 'string' && read(kind, draft) === undefined) return 'unreadable';
    const detail = key in drafts ? refused[key] : undefined;
    return detail === undefined ? undefined : { detail };
  };

  /** Another draft of one setting; what the server said of the one before holds no longer. */
  const edit = (key: string, next: (drafts: Drafts) => Drafts) => {
    changeUnsaved((now) => ({ drafts: next(now.drafts), refused: withoutDraft(now.refused, key) }));
    if (save.isError) save.reset();
  };

  const commit = (onSaved: () => void, onRefused: (keys: readonly string[]) => void) => {
    const changes = toChanges(settings, drafts);
    const undo = toUndo(settings, changes);
    const saved = () => {
      changeUnsaved(() => NONE);
      onSaved();
      const count = Object.keys(changes).length;
      tell(plural(count, { one: '# setting is changed.', other: '# settings are changed.' }), () => save.takeBack(undo));
    };
    const failed = (error: unknown) => {
      const refused = error instanceof Problem ? refusals(error.fields) : {};
      changeUnsaved(({ drafts }) => ({ drafts, refused }));
      onRefused(Object.keys(refused));
    };
    // It is known here also when the page is left meanwhile.
    void save.mutateAsync(changes).then(saved, failed);
  };

  return {
    drafts,
    count: Object.keys(drafts).length,
    hasWrong: wrong.length > 0,
    error: save.error,
    isPending: save.isPending,
    faultOf,
    commit,
    type: (setting: Setting, text: string) => edit(setting.key, (now) => withDraft(now, setting, text)),
    goBeneath: ({ key }: Setting) => edit(key, (now) => ({ ...now, [key]: null })),
    forget: ({ key }: Setting) => edit(key, (now) => withoutDraft(now, key)),
    forgetAll: () => {
      changeUnsaved(() => NONE);
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
