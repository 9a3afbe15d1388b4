// Short news at the foot of the page, and deeds that wait a moment so that they can be taken back.

import { Trans, useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { Text } from 'react-aria-components/Text';
import {
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components/Toast';
import { Shape, type Tone } from './Status';

interface News {
  text: string;
  tone: Tone;
  undo?: () => void;
  /** The way to what it is about. */
  show?: () => void;
}

/** How long news stays, and how long a deed can be taken back. */
const STAY_MS = 8_000;

const queue = new ToastQueue<News>({ maxVisibleToasts: 4 });

/** Says that something was done; `undo` does the opposite. */
export function tell(text: string, undo?: () => void): void {
  const key = queue.add({ text, tone: 'live', ...(undo && { undo: () => (queue.close(key), undo()) }) }, { timeout: STAY_MS });
}

/** Says that something went wrong; it stays until it is closed. */
export function warn(text: string): void {
  queue.add({ text, tone: 'bad' });
}

/** Says what happened elsewhere, with the way there; bad news stays until it is closed. */
export function report(tone: Tone, text: string, show: () => void): void {
  const key = queue.add({ text, tone, show: () => (queue.close(key), show()) }, tone === 'live' ? { timeout: STAY_MS } : {});
}

/**
 * Says what will be done and does it when the news goes: after a while, when it is closed, or with the page.
 * Until then it can be taken back, which is honest for what cannot be undone.
 */
export function soon(text: string, run: () => void, takenBack: () => void): void {
  let due = true;
  const settle = (deed: () => void) => {
    if (!due) return;
    due = false;
    window.removeEventListener('pagehide', leave);
    deed();
    queue.close(key);
  };
  const leave = () => settle(run);
  const undo = () => settle(takenBack);
  const key = queue.add({ text, tone: 'warn', undo }, { timeout: STAY_MS, onClose: leave });
  window.addEventListener('pagehide', leave);
}

const SMALL = 'min-h-8 min-w-8 grid place-items-center rounded-sm px-2 cursor-pointer hover:bg-sunken';

export function Toasts() {
  const { t } = useLingui();
  return (
    <ToastRegion queue={queue} aria-label={t`News`} className="fixed bottom-4 end-4 z-50 flex w-[min(26rem,calc(100vw-2rem))] flex-col-reverse gap-2 outline-none">
      {({ toast }) => (
        <Toast toast={toast} className="flex items-center gap-3 rounded-md border border-line-strong bg-surface px-4 py-2 text-ink shadow-over">
          <span className={COLOUR[toast.content.tone]}>
            <Shape tone={toast.content.tone} />
          </span>
          <ToastContent className="flex-1">
            <Text slot="title" className="whitespace-pre-line">{toast.content.text}</Text>
          </ToastContent>
          {toast.content.undo && (
            <Button onPress={toast.content.undo} className={`${SMALL} font-semibold text-lajvard`}>
              <Trans>Undo</Trans>
            </Button>
          )}
          {toast.content.show && (
            <Button onPress={toast.content.show} className={`${SMALL} font-semibold text-lajvard`}>
              <Trans>Show</Trans>
            </Button>
          )}
          <Button slot="close" className={`${SMALL} text-ink-2`}>
            <X size={16} aria-hidden />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}

const COLOUR: Record<Tone, string> = { live: 'text-firuze', wait: 'text-ink-2', warn: 'text-zaferan', bad: 'text-anar', over: 'text-ink-2' };
