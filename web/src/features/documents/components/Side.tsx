// What stands beside the text: its outline, what is said about it, how it was once. On narrow screens it lies over it.

import { useLingui } from '@lingui/react/macro';
import type { Editor } from '@tiptap/core';
import { Choice } from '../../../ui/Select';
import type { Detail } from '../api';
import { SIDES, type Side as Name } from '../search';
import { Comments, type Begun } from './Comments';
import { Outline } from './Outline';
import { Versions } from './Versions';

interface Props {
  document: Detail;
  side: Name;
  text: Editor | null;
  begun: Begun | null;
  onSide: (side: Name) => void;
  onVersion: (version: number) => void;
  /** Where it lies over the text: takes it away. */
  onClose: (() => void) | null;
}

export function Side({ document, side, text, begun, onSide, onVersion, onClose }: Props) {
  const { t } = useLingui();
  const names = { outline: t`Outline`, comments: t`Comments`, versions: t`Versions` };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Choice label={t`Beside the text`} options={SIDES.map((id) => ({ id, text: names[id] }))} value={side} onChange={onSide} />
      {side === 'outline' && <Outline text={text} onGo={onClose} />}
      {side === 'comments' && <Comments document={document} text={text} begun={begun} onGo={onClose} />}
      {side === 'versions' && <Versions document={document} onShow={onVersion} />}
    </div>
  );
}
