// One line of the inbox: what happened, since when and how often, and what can be done with it.

import { Plural, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import { AlarmClock, Bell, Check, Trash2, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { isolate } from '../../../lib/bidi';
import { IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { Time } from '../../../ui/Text';
import type { Line } from '../api';
import { detailOf, isKind, KINDS, placeOf } from '../model';
import type { Deed } from './InboxList';
import { Sentence } from './Sentence';

interface Props {
  line: Line;
  onDeed: (deed: Deed) => void;
}

export function LineRow({ line, onDeed }: Props) {
  const { t } = useLingui();
  const isUnread = !line.seen_at;
  const Icon = isKind(line.subject_kind) ? KINDS[line.subject_kind].icon : Bell;
  return (
    <div className="relative grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-3 border-t border-line px-4 py-2 hover:bg-sunken/50 focus-within:bg-lajvard-soft/60 sm:grid-cols-[auto_minmax(0,1fr)_auto]">
      <span className="relative mt-1 flex-none text-ink-3">
        <Icon size={18} aria-hidden />
        {isUnread && <i role="img" aria-label={t`Unread`} className="absolute -end-1 -top-1 size-2.5 rounded-full border-2 border-surface bg-lajvard" />}
      </span>
      <div className="min-w-0">
        <Way line={line} className={cx('block wrap-anywhere', isUnread ? 'font-semibold' : 'text-ink-2')} onOpen={() => onDeed('seen')}>
          <Sentence line={line} />
        </Way>
        <Detail line={line} />
        <p className="flex flex-wrap gap-x-3 text-sm text-ink-3">
          <Time at={line.at} style="clock" />
          {line.times > 1 && (
            <span>
              <Plural value={line.times} one="# time" other="# times" />
            </span>
          )}
        </p>
      </div>
      <Deeds line={line} onDeed={onDeed} />
    </div>
  );
}

interface WayProps {
  line: Line;
  className: string;
  onOpen: () => void;
  children: ReactNode;
}

/** What leads nowhere can be marked as seen all the same. */
function Way({ line, className, onOpen, children }: WayProps) {
  const place = placeOf(line) ?? { to: '/inbox' as const };
  return (
    <Link {...place} onClick={onOpen} className={cx(className, 'hover:text-lajvard after:absolute after:inset-0')}>
      {children}
    </Link>
  );
}

function Detail({ line }: { line: Line }) {
  const detail = detailOf(line);
  return (
    detail && (
      <p className="line-clamp-2 text-sm text-ink-2 wrap-anywhere">
        <bdi {...(detail.isOurs && { lang: 'en' })}>{detail.text}</bdi>
      </p>
    )
  );
}

function Deeds({ line, onDeed }: Props) {
  const { t } = useLingui();
  const name = isolate(line.subject_name);
  const seen: [Deed, LucideIcon, string] = ['seen', Check, t`Mark as seen`];
  const deeds: [Deed, LucideIcon, string][] = [...(line.seen_at ? [] : [seen]), ['sleep', AlarmClock, t`Let it sleep…`], ['delete', Trash2, t`Delete`]];
  return (
    <span className="relative z-1 flex justify-end max-sm:col-start-2 max-sm:-mt-7">
      {deeds.map(([deed, Icon, word]) => (
        <IconButton key={deed} aria-label={t`${word}: ${name}`} onPress={() => onDeed(deed)}>
          <Icon size={17} aria-hidden />
        </IconButton>
      ))}
    </span>
  );
}
