// What can be done with the files that are chosen. It stays in sight while one scrolls.

import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Button } from '../../../ui/Button';
import { useFileActions } from '../actions';
import type { Bulk } from '../api';
import type { Selection } from '../hooks';

interface Props {
  selection: Selection;
  isBin: boolean;
  /** All that the list has read. */
  all: readonly string[];
}

export function BulkBar({ selection, isBin, all }: Props) {
  const { t } = useLingui();
  const { give } = useFileActions();
  const ids = [...selection.ids];
  const run = (action: Bulk) => {
    selection.set([]);
    void give(action, ids);
  };
  return (
    <section aria-label={t`Chosen files`} className="sticky bottom-(--dock) z-10 flex flex-wrap items-center gap-2 border-t border-line-strong bg-surface px-4 py-2">
      <b className="me-2">
        <Plural value={ids.length} one="# chosen" other="# chosen" />
      </b>
      {isBin ? (
        <Button size="small" onPress={() => run('restore')}>
          <Trans>Have back</Trans>
        </Button>
      ) : (
        <>
          <Button size="small" onPress={() => run('analyse')}>
            <Trans>Analyse again</Trans>
          </Button>
          <Button size="small" weight="danger" onPress={() => run('delete')}>
            <Trans>Delete</Trans>
          </Button>
        </>
      )}
      <span className="ms-auto flex flex-wrap gap-2">
        {ids.length < all.length && (
          <Button size="small" weight="bare" onPress={() => selection.set(all)}>
            <Trans>Choose all in the list</Trans>
          </Button>
        )}
        <Button size="small" weight="bare" onPress={() => selection.set([])}>
          <Trans>Choose none</Trans>
        </Button>
      </span>
    </section>
  );
}
