// What stands over the text when the server will not have it: why, and how nothing is lost.

import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { DOMSerializer } from '@tiptap/pm/model';
import { copy } from '../../../lib/clipboard';
import { Button } from '../../../ui/Button';
import { tell, warn } from '../../../ui/Toast';
import type { Live } from '../live/provider';
import { writeMarkdown } from './markdown/write';
import { useSaveState } from './SaveMark';

interface Props {
  live: Live;
  editor: Editor | null;
  onSignIn: (() => void) | null;
}

export function Trouble({ live, editor, onSignIn }: Props) {
  const { t } = useLingui();
  const state = useSaveState(live);
  if (state.is !== 'refused') return null;
  const isSignedOut = state.code === 'signed_out';
  const copyOut = async () => {
    if (editor && (await copyAll(editor))) tell(t`The text is on the clipboard.`);
    else warn(t`The browser did not let it be copied. Select the text and copy it yourself.`);
  };
  return (
    <div role="alert" className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-anar-soft px-4 py-3">
      <p className="min-w-0 flex-1 basis-72">
        <Words code={state.code} detail={state.detail} unsent={state.unsent} />
      </p>
      {isSignedOut && onSignIn && (
        <Button weight="primary" size="small" onPress={onSignIn}>
          {t`Sign in again`}
        </Button>
      )}
      {!isSignedOut && editor && (
        <Button weight="primary" size="small" onPress={() => void copyOut()}>
          {t`Copy the whole text`}
        </Button>
      )}
      <Button size="small" onPress={live.retry}>
        {t`Try again`}
      </Button>
    </div>
  );
}

function Words({ code, detail, unsent }: { code: string; detail: string; unsent: number }) {
  const { t } = useLingui();
  const isUnsaved = unsent > 0;
  switch (code) {
    case 'signed_out':
      return t`You are signed out. Write on: everything stays on this device and is saved once you have signed in again.`;
    case 'no_right':
      return isUnsaved ? t`You may no longer change this document, so your last changes cannot be saved. They stay on this device; copy the text to keep it elsewhere.` : t`You may no longer open this document.`;
    case 'deleted':
      return isUnsaved ? t`This document was deleted, so your last changes cannot be saved. They stay on this device; copy the text to keep it elsewhere.` : t`This document was deleted.`;
    case 'too_large':
      return t`This document has become too large to be saved. Copy the text, then move a part of it into another document.`;
    default:
      return (
        <>
          {t`The server does not take this document. Your changes stay on this device; copy the text to keep it elsewhere.`} {detail && <bdi lang="en">{detail}</bdi>}
        </>
      );
  }
}

/** As rich text where the browser can, and as Markdown. */
async function copyAll(editor: Editor): Promise<boolean> {
  const { doc, schema } = editor.state;
  const box = document.createElement('div');
  box.append(DOMSerializer.fromSchema(schema).serializeFragment(doc.content));
  const markdown = writeMarkdown(doc.children);
  try {
    const as = (type: string, text: string) => ({ [type]: new Blob([text], { type }) });
    await navigator.clipboard.write([new ClipboardItem({ ...as('text/plain', markdown), ...as('text/html', box.innerHTML) })]);
    return true;
  } catch {
    return copy(markdown);
  }
}
