// What is done with a client more seldom.

import { useLingui } from '@lingui/react/macro';
import { useNavigate } from '@tanstack/react-router';
import { EllipsisVertical } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { Menu } from '../../../ui/Menu';
import { soon } from '../../../ui/Toast';
import type { Client } from '../api';
import { useClientActions } from '../orders';

export function More({ client, onSeat }: { client: Client; onSeat: () => void }) {
  const { t } = useLingui();
  const navigate = useNavigate();
  const { remove } = useClientActions();
  if (!client.source) return null;
  const name = isolate(client.name);
  const take = () => {
    void navigate({ to: '/clients' });
    soon(t`“${name}” is taken off the list.`, () => void remove(client), () => void navigate({ to: '/clients/$username', params: { username: client.username } }));
  };
  const actions = [
    { id: 'seat', text: t`Give a seat…`, run: onSeat },
    { id: 'remove', text: t`Take off the list`, run: take },
  ];
  return <Menu label={t`More`} icon={<EllipsisVertical size={18} aria-hidden />} actions={actions} />;
}
