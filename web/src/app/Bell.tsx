// The way to the inbox, with how much in it is unread.

import { useLingui } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Bell as Sign } from 'lucide-react';
import { me } from '../features/account/api';
import { countUnread } from '../features/inbox/api';
import { useFormats } from '../lib/reader';
import { buttonStyle } from '../ui/Button';

/** As much is counted. */
const MOST = 99;

/** Only people have an inbox: a token of the house has none. */
export function Bell() {
  const { t } = useLingui();
  const formats = useFormats();
  const { data: person } = useQuery(me());
  const { data: unread = 0 } = useQuery({ ...countUnread(), enabled: Boolean(person?.user) });
  const count = formats.number(Math.min(unread, MOST)) + (unread > MOST ? '+' : '');
  return (
    <Link to="/inbox" aria-label={unread ? t`Inbox: ${count} unread` : t`Inbox`} className={buttonStyle('bare', 'sign', 'relative')}>
      <Sign size={20} aria-hidden />
      {unread > 0 && (
        <span aria-hidden className="absolute -end-0.5 top-0 min-w-4 rounded-full bg-lajvard px-1 text-center text-[0.6875rem]/4 font-bold text-on-lajvard tabular">
          {count}
        </span>
      )}
    </Link>
  );
}
