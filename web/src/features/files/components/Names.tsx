// How files are shown: their kind, their state, their small picture.

import { useLingui } from '@lingui/react/macro';
import { useState } from 'react';
import { cx } from '../../../ui/cx';
import { Status } from '../../../ui/Status';
import { thumbnailOf, type FileState, type StoredFile } from '../api';
import { kindOf, STATES } from '../model';

export function StateMark({ state }: { state: FileState }) {
  const { t } = useLingui();
  const { tone, word } = STATES[state];
  return <Status tone={tone}>{t(word)}</Status>;
}

export function KindWord({ file }: { file: Pick<StoredFile, 'kind'> }) {
  const { t } = useLingui();
  return t(kindOf(file).word);
}

const SIZES = { small: 'size-9 rounded-md', large: 'h-40 w-full rounded-lg' };

/** Its small picture where there is one, or the sign of its kind. */
export function Thumbnail({ file, size }: { file: StoredFile; size: keyof typeof SIZES }) {
  const [failed, setFailed] = useState(false);
  const { icon: Icon } = kindOf(file);
  if (file.thumbnail && !file.deleted_at && !failed) {
    return <img src={thumbnailOf(file)} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setFailed(true)} className={cx('flex-none bg-sunken', size === 'large' ? 'object-contain' : 'object-cover', SIZES[size])} />;
  }
  return (
    <span aria-hidden className={cx('grid flex-none place-items-center bg-sunken text-ink-2', SIZES[size])}>
      <Icon size={size === 'large' ? 48 : 18} strokeWidth={size === 'large' ? 1.25 : 2} />
    </span>
  );
}
