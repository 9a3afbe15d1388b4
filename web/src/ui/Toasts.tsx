// The place of short news, at the foot of the page.

import { Trans, useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import { Button } from 'react-aria-components/Button';
import { Text } from 'react-aria-components/Text';
import { UNSTABLE_Toast as Toast, UNSTABLE_ToastContent as ToastContent, UNSTABLE_ToastRegion as ToastRegion } from 'react-aria-components/Toast';
import { COLOURS, Shape } from './Status';
import { queue } from './Toast';

const SMALL = 'min-h-8 min-w-8 grid place-items-center rounded-sm px-2 cursor-pointer hover:bg-sunken';

export function Toasts() {
  const { t } = useLingui();
  return (
    <ToastRegion queue={queue} aria-label={t`News`} className="fixed bottom-[calc(1rem+var(--dock))] end-4 z-50 flex w-[min(26rem,calc(100vw-2rem))] flex-col-reverse gap-2 outline-none">
      {({ toast }) => (
        <Toast toast={toast} className="flex items-center gap-3 rounded-md border border-line-strong bg-surface px-4 py-2 text-ink shadow-over">
          <span className={COLOURS[toast.content.tone]}>
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
