// What is done with files, with the news of it and the way back.

import { plural } from '@lingui/core/macro';
import { useLingui } from '@lingui/react/macro';
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { explain } from '../../api/explain';
import { Problem } from '../../api/problem';
import { isolate } from '../../lib/bidi';
import { useFailure } from '../../ui/failure';
import { tell, warn } from '../../ui/Toast';
import { analyseFile, keys, orderMany, renameFile, type Bulk, type BulkDone, type FilePage, type StoredFile } from './api';

/** What takes an order back. */
const INVERSE: Partial<Record<Bulk, Bulk>> = { delete: 'restore', restore: 'delete' };

/** Takes files out of the lists before the server answers; gives the way back. */
function useHide() {
  const client = useQueryClient();
  return async (ids: readonly string[]) => {
    await client.cancelQueries({ queryKey: keys.lists });
    const before = client.getQueriesData<InfiniteData<FilePage>>({ queryKey: keys.lists });
    const without = (page: FilePage): FilePage => ({ ...page, items: page.items.filter(({ id }) => !ids.includes(id)) });
    client.setQueriesData<InfiniteData<FilePage>>({ queryKey: keys.lists }, (data) => data && { ...data, pages: data.pages.map(without) });
    return () => before.forEach(([key, data]) => client.setQueryData(key, data));
  };
}

export function useFileActions() {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const hide = useHide();
  const renew = () => client.invalidateQueries({ queryKey: keys.all });

  const failures: Record<Bulk, string> = { analyse: t`Nothing is analysed again.`, delete: t`Nothing was deleted.`, restore: t`Nothing was had back.` };

  const done = (action: Bulk, count: number): string =>
    ({
      analyse: plural(count, { one: '# file is analysed again.', other: '# files are analysed again.' }),
      delete: plural(count, { one: '# file is deleted; it can be had back for thirty days.', other: '# files are deleted; they can be had back for thirty days.' }),
      restore: plural(count, { one: '# file is back.', other: '# files are back.' }),
    })[action];

  /** The first of those that stay as they were, and why. */
  const refusals = ({ refused }: BulkDone): string => {
    const [first] = refused;
    const problem = new Problem({ status: 409, code: first?.code ?? '', detail: first?.detail ?? '' });
    const { cause } = explain(problem);
    const stayed = plural(refused.length, { one: '# file stays as it was:', other: '# files stay as they were:' });
    return `${stayed}\n${cause ? t(cause) : isolate(problem.message)}`;
  };

  /** Does something to files; what was deleted or had back goes out of sight at once. */
  const give = async (action: Bulk, ids: readonly string[]): Promise<void> => {
    const back = INVERSE[action];
    const show = back && (await hide(ids));
    try {
      const answer = await orderMany(action, ids);
      const refused = new Set(answer.refused.map(({ id }) => id));
      const changed = ids.filter((id) => !refused.has(id));
      if (answer.done > 0) tell(done(action, answer.done), back && (() => void give(back, changed)));
      if (refused.size > 0) warn(refusals(answer));
    } catch (error) {
      show?.();
      failure(failures[action])(error);
    }
    await renew();
  };

  const analyse = async (file: StoredFile): Promise<void> => {
    const show = (now: StoredFile) => {
      client.setQueryData(keys.one(now.id), now);
      return renew();
    };
    await analyseFile(file.id).then(show, failure(failures.analyse));
  };

  /** What was refused is thrown, for the form to show. */
  const rename = async (file: StoredFile, name: string): Promise<void> => {
    const now = await renameFile(file.id, { name, version: file.version });
    client.setQueryData(keys.one(now.id), now);
    const [old, called] = [file.name, isolate(now.name)];
    tell(t`The file is called ${called} now.`, () => void renameFile(now.id, { name: old }).then(renew, failure(t`The file keeps its name.`)));
    await renew();
  };

  return { give, analyse, rename };
}
