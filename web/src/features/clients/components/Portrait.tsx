// A client's photo, or the letters that their name begins with.

import { useState } from 'react';
import { cx } from '../../../ui/cx';
import { photoAddress, type Client } from '../api';
import { initials } from '../model';

const SIZES = { small: 'size-8 text-xs rounded-md', large: 'size-24 text-2xl rounded-lg' };

interface Props {
  client: Client;
  size: keyof typeof SIZES;
  /** What it says to those who cannot see it, where the name does not stand beside it. */
  label?: string;
}

export function Portrait({ client: { username, name, photo }, size, label = '' }: Props) {
  const address = photo && photoAddress(username, photo);
  const [failed, setFailed] = useState<string | null>(null);
  if (!address || address === failed) {
    return (
      <span aria-hidden className={cx('grid flex-none place-items-center bg-sunken font-semibold text-ink-2 select-none', SIZES[size])}>
        <bdi>{initials(name)}</bdi>
      </span>
    );
  }
  return <img src={address} alt={label} loading="lazy" decoding="async" draggable={false} onError={() => setFailed(address)} className={cx('flex-none bg-sunken object-cover', SIZES[size])} />;
}
