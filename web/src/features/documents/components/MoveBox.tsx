// Where something is to lie: the folders in each other, and outside of all.

import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { isolate } from '../../../lib/bidi';
import { Button } from '../../../ui/Button';
import { ErrorView } from '../../../ui/ErrorView';
import { Answers, Box } from '../../../ui/Overlay';
import { ITEM } from '../../../ui/Select';
import type { Folder } from '../api';
import { useFolders } from '../hooks';
import { targets } from '../model';

const OUTSIDE = 'outside';
const INDENTS = ['ps-3', 'ps-7', 'ps-11', 'ps-15', 'ps-19'];

interface Props {
  title: string;
  /** The folder that it is in now. */
  from: string | null;
  /** The folder that is moved, if it is one: it cannot lie in itself. */
  moved: string | null;
  onMove: (folder: Folder | null) => Promise<unknown>;
  onClose: () => void;
}

export function MoveBox({ title, from, moved, onMove, onClose }: Props) {
  const { t } = useLingui();
  const folders = useFolders();
  const [to, setTo] = useState(from ?? OUTSIDE);
  const called = isolate(title);
  const { mutate, error, isPending } = useMutation({ mutationFn: () => onMove(folders.find(({ id }) => id === to) ?? null), onSuccess: onClose });
  const rows = [{ id: OUTSIDE, text: t`In no folder`, depth: 0 }, ...targets(folders, moved).map(({ folder, depth }) => ({ id: folder.id, text: folder.title, depth }))];
  return (
    <Box title={t`Move “${called}”`} isOpen onClose={onClose}>
      <ListBox autoFocus aria-label={t`Folders`} items={rows} selectionMode="single" disallowEmptySelection selectedKeys={[to]} onSelectionChange={(keys) => setTo(String([...keys][0]))} className="max-h-80 overflow-y-auto rounded-md border border-line p-1 outline-none">
        {({ id, text, depth }) => (
          <ListBoxItem id={id} textValue={text} className={`${ITEM} ${INDENTS[Math.min(depth, INDENTS.length - 1)] ?? ''} data-selected:bg-lajvard-soft data-selected:text-lajvard`}>
            <bdi className="truncate">{text}</bdi>
          </ListBoxItem>
        )}
      </ListBox>
      {error && <ErrorView error={error} effect={t`It stays where it is.`} />}
      <Answers>
        <Button onPress={onClose}>
          <Trans>Cancel</Trans>
        </Button>
        <Button weight="primary" isPending={isPending} isDisabled={to === (from ?? OUTSIDE)} onPress={() => mutate()}>
          <Trans>Move here</Trans>
        </Button>
      </Answers>
    </Box>
  );
}
