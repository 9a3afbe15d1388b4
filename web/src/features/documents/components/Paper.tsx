// The text of a document with its line to the server: what comes once a document is opened.

import { useQueryClient } from '@tanstack/react-query';
import { useRouteContext } from '@tanstack/react-router';
import type { Editor as Text } from '@tiptap/core';
import { useEffect, useState } from 'react';
import { answer, api } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { usePreferences } from '../../../lib/reader';
import { me } from '../../account/api';
import { oneFile, orderMany } from '../../files/api';
import { uploadOne } from '../../files/upload';
import { peopleNamed } from '../../tasks/api';
import { isPerson } from '../../tasks/hooks';
import { Editor, type Mentions, type Upload } from '../../writing/editor/Editor';
import { isOfPictures } from '../../writing/editor/upload';
import { Live } from '../../writing/live/provider';
import type { Refusal } from '../../writing/live/state';
import { keys, liveOf, readDocument, type Detail } from '../api';
import { Here } from './Here';

interface Props {
  document: Detail;
  self: { id: string; name: string };
  /** Begins a thread about the selected words. */
  onComment: (() => Promise<string | null>) | null;
  onReady: (text: Text | null) => void;
}

const PEOPLE = 8;

const mentions: Mentions = async (query) => (await peopleNamed(query)).filter(isPerson).slice(0, PEOPLE).map(({ id, name }) => ({ id, label: name }));

export function Paper({ document, self, onComment, onReady }: Props) {
  const client = useQueryClient();
  const { lang } = usePreferences().preferences;
  const live = useLive(document.id, self.id);
  const upload: Upload = async (file) => {
    const { id, src } = await uploadOne(file, { kind: 'document', id: document.id });
    const { media_type } = await client.fetchQuery(oneFile(id));
    if (isOfPictures(media_type)) return { src };
    void orderMany('delete', [id]).catch(() => undefined);
    return null;
  };
  // What was refused for want of a session is told by the shell, where one signs in again.
  const signIn = () => void client.fetchQuery({ ...me(), staleTime: 0 }).then(() => live?.retry(), () => undefined);
  if (!live) return null;
  return (
    <Editor
      live={live}
      document={{ id: document.id, dir: lang === 'fa' ? 'rtl' : 'ltr' }}
      user={self}
      mentions={mentions}
      upload={upload}
      onSignIn={signIn}
      {...(onComment && { onComment })}
      onReady={onReady}
      head={<Here live={live} />}
    />
  );
}

/** The line of an open document. It is tried again when somebody signed in anew; where it comes up, somebody has. */
function useLive(id: string, user: string): Live | null {
  const client = useQueryClient();
  const { session } = useRouteContext({ from: '__root__' });
  const [live, setLive] = useState<Live | null>(null);
  useEffect(() => {
    const onTitle = (title: string, version: number) => client.setQueryData<Detail>(keys.one(id), (old) => old && (old.version < version ? { ...old, title, version } : old));
    const made = new Live({ url: liveOf(id), user, document: id, judge: (code) => judge(id, code), onTitle });
    const stop = session.watch(() => session.ended || made.retry());
    made.watch(() => session.ended && made.state().is === 'saved' && session.resume());
    void made.open();
    setLive(made);
    return () => {
      stop();
      made.close();
    };
  }, [client, session, id, user]);
  return live;
}

/** A socket that does not open says nothing of why; the API does. It renews access, too. */
async function judge(id: string, code: string): Promise<Refusal | null> {
  if (code !== 'signed_out' && code !== 'unreachable') return { code, detail: '' };
  try {
    await answer(api.GET('/api/v1/auth/me'));
    const { deleted_at } = await readDocument(id);
    return deleted_at ? { code: 'deleted', detail: '' } : null;
  } catch (error) {
    if (!(error instanceof Problem)) return null;
    if (error.status === 401) return { code: 'signed_out', detail: '' };
    return error.status === 404 || error.status === 403 ? { code: 'no_right', detail: '' } : null;
  }
}
