// The files of a task: chosen, dropped on the page or pasted; taken home, and taken off again.

import { Trans, useLingui } from '@lingui/react/macro';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download, X } from 'lucide-react';
import { useCallback } from 'react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useIsAdmin, useMayWrite } from '../../../lib/user';
import { Answered } from '../../../ui/Answered';
import { Button, buttonStyle, IconButton } from '../../../ui/Button';
import { useFailure } from '../../../ui/failure';
import { tell } from '../../../ui/Toast';
import { me } from '../../account/api';
import { attachFile, detachFile, downloadOf, keys, type StoredFile } from '../../files/api';
import { StateMark, Thumbnail } from '../../files/components/Names';
import { useFiles } from '../../files/hooks';
import { uploads } from '../../files/upload';
import { ChooseFiles } from '../../files/upload/ChooseFiles';
import { DropHere } from '../../files/upload/DropHere';
import type { Detail } from '../api';
import { Part } from './TaskView';

export function Files({ task }: { task: Detail }) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayAttach = useMayWrite() && !task.deleted_at;
  const { files, hasNextPage, isFetchingNextPage, more, ...query } = useFiles({ attached: `task:${task.id}` });
  const { id } = task;
  const take = useCallback((dropped: File[]) => void uploads.add(dropped, { attachTo: { kind: 'task', id } }), [id]);
  const number = formats.number(task.number);
  const choose = mayAttach && (
    <ChooseFiles attachTo={{ kind: 'task', id }}>
      <Trans>Attach files…</Trans>
    </ChooseFiles>
  );
  return (
    <Part title={<Trans>Files</Trans>} actions={choose}>
      <Answered query={query} reading={t`Reading the files…`} effect={t`The files of the task cannot be shown.`}>
        {() =>
          files.length === 0 ? (
            <p className="text-ink-3">{mayAttach ? <Trans>none; drop some here, or paste them</Trans> : <Trans>none</Trans>}</p>
          ) : (
            <ul>
              {files.map((file) => (
                <Row key={file.id} task={task} file={file} mayDetach={mayAttach} />
              ))}
            </ul>
          )
        }
      </Answered>
      {hasNextPage && (
        <Button size="small" weight="bare" isPending={isFetchingNextPage} onPress={more}>
          <Trans>Show more</Trans>
        </Button>
      )}
      {mayAttach && (
        <DropHere onDrop={take}>
          <Trans>Let go to attach to task {number}</Trans>
        </DropHere>
      )}
    </Part>
  );
}

function Row({ task, file, mayDetach }: { task: Detail; file: StoredFile; mayDetach: boolean }) {
  const { t } = useLingui();
  const formats = useFormats();
  const detach = useDetach(task);
  const name = isolate(file.name);
  return (
    <li className="flex items-center gap-3 border-t border-dashed border-line py-1.5 first:border-t-0">
      <Thumbnail file={file} size="small" />
      <span className="min-w-0 flex-1">
        <Link to="/files/$id" params={{ id: file.id }} className="block truncate text-lajvard hover:underline">
          <bdi>{file.name}</bdi>
        </Link>
        <span className="flex flex-wrap gap-x-3 text-sm text-ink-2 tabular">
          <span>{formats.bytes(file.size)}</span>
          {file.state !== 'analysed' && file.state !== 'stored' && <StateMark state={file.state} />}
        </span>
      </span>
      <a href={downloadOf(file.id)} download={file.name} aria-label={t`Download ${name}`} className={buttonStyle('bare', 'sign')}>
        <Download size={18} aria-hidden />
      </a>
      {mayDetach && (
        <IconButton aria-label={t`Take ${name} off the task`} onPress={() => void detach(file)}>
          <X size={18} aria-hidden />
        </IconButton>
      )}
    </li>
  );
}

/** Takes a file off a task; the file itself stays, and its owner or an admin can hang it on again. */
function useDetach({ id }: Detail): (file: StoredFile) => Promise<void> {
  const { t } = useLingui();
  const client = useQueryClient();
  const failure = useFailure();
  const isAdmin = useIsAdmin();
  const { data: self } = useQuery(me());
  const link = { subject_kind: 'task', subject_id: id };
  const renew = () => client.invalidateQueries({ queryKey: keys.lists });
  return async (file) => {
    const name = isolate(file.name);
    const mayUndo = isAdmin || file.owner_id === self?.user?.id;
    const undo = () => void attachFile(file.id, link).then(renew, failure(t`${name} stays off the task.`));
    try {
      await detachFile(file.id, link);
      tell(t`${name} is off the task; among the files it is still there.`, mayUndo ? undo : undefined);
    } catch (error) {
      failure(t`${name} stays on the task.`)(error);
    }
    await renew();
  };
}
