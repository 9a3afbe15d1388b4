// The points of a task: added, ticked, put in order, removed.

import { Trans, useLingui } from '@lingui/react/macro';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { isolate } from '../../../lib/bidi';
import { useFormats } from '../../../lib/reader';
import { useMayWrite } from '../../../lib/user';
import { Button, IconButton } from '../../../ui/Button';
import { cx } from '../../../ui/cx';
import { TextField } from '../../../ui/Field';
import { Tick } from '../../../ui/Tick';
import type { Check, Detail } from '../api';
import type { Change } from '../deeds';
import { useDraft } from '../hooks';
import { moved } from '../model';
import { Part } from './TaskView';

const MOST = 100;
const STEP = 'min-w-8! disabled:border-transparent disabled:bg-transparent';

export function Checklist({ task, change }: { task: Detail; change: Change }) {
  const { t } = useLingui();
  const formats = useFormats();
  const mayWrite = useMayWrite();
  const [draft, setDraft] = useDraft(`task.${task.number}.check`);
  const { checklist } = task;
  if (!mayWrite && checklist.length === 0) return null;
  const put = (checks: Check[]) => change({ checklist: checks });
  const add = async () => {
    const text = draft?.trim();
    if (text && (await put([...checklist, { text, done: false }]))) setDraft(null);
  };
  const [done, all] = [checklist.filter(({ done }) => done).length, checklist.length];
  const count = all > 0 && (
    <span className="text-sm text-ink-3 tabular">
      <Trans>
        {formats.number(done)} of {formats.number(all)}
      </Trans>
    </span>
  );
  return (
    <Part title={<Trans>Checklist</Trans>} actions={count}>
      <ul>
        {checklist.map((check, at) => (
          <Point
            key={`${at} ${check.text}`}
            check={check}
            mayWrite={mayWrite}
            onTick={() => void put(checklist.map((one, other) => (other === at ? { ...one, done: !one.done } : one)))}
            onRemove={() => void put(checklist.filter((_, other) => other !== at))}
            {...(at > 0 && { onUp: () => void put(moved(checklist, at, at - 1)) })}
            {...(at < all - 1 && { onDown: () => void put(moved(checklist, at, at + 1)) })}
          />
        ))}
      </ul>
      {mayWrite && all < MOST && (
        <form className="flex items-end gap-2 pt-2" onSubmit={(event) => (event.preventDefault(), void add())}>
          <TextField className="flex-1" label={t`One more point`} isLabelHidden placeholder={t`One more point`} value={draft ?? ''} onChange={(text) => setDraft(text || null)} maxLength={300} />
          <Button type="submit" isDisabled={!draft?.trim()}>
            <Trans>Add</Trans>
          </Button>
        </form>
      )}
    </Part>
  );
}

interface PointProps {
  check: Check;
  mayWrite: boolean;
  onTick: () => void;
  onRemove: () => void;
  onUp?: () => void;
  onDown?: () => void;
}

function Point({ check: { text, done = false }, mayWrite, onTick, onRemove, onUp, onDown }: PointProps) {
  const { t } = useLingui();
  const name = isolate(text);
  return (
    <li className="flex items-center gap-3 border-t border-dashed border-line py-1 first:border-t-0">
      {mayWrite ? <Tick label={name} isOn={done} onChange={onTick} /> : <span aria-hidden>{done ? '☑' : '☐'}</span>}
      <span className={cx('min-w-0 flex-1 wrap-anywhere', done && 'text-ink-2 line-through')}>
        <bdi>{text}</bdi>
      </span>
      {mayWrite && (
        <span className="flex flex-none">
          <IconButton aria-label={t`Move “${name}” up`} isDisabled={!onUp} onPress={() => onUp?.()} className={STEP}>
            <ArrowUp size={16} aria-hidden />
          </IconButton>
          <IconButton aria-label={t`Move “${name}” down`} isDisabled={!onDown} onPress={() => onDown?.()} className={STEP}>
            <ArrowDown size={16} aria-hidden />
          </IconButton>
          <IconButton aria-label={t`Take “${name}” away`} onPress={onRemove} className={STEP}>
            <X size={16} aria-hidden />
          </IconButton>
        </span>
      )}
    </li>
  );
}
