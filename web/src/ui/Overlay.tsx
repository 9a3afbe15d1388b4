// What lies over the page: a box in its middle (a sheet on phones), or a panel at the end of the line of reading.

import { useLingui } from '@lingui/react/macro';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { IconButton } from './Button';
import { cx } from './cx';

interface Props {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** A question that needs an answer, not a place to work in. */
  role?: 'dialog' | 'alertdialog';
}

const SHADE = 'fixed inset-0 z-40 bg-shade flex';
const BOX = 'w-full max-w-lg rounded-lg bg-surface shadow-over border border-line m-auto max-h-[92dvh] overflow-y-auto max-sm:mb-0 max-sm:rounded-b-none';
const SIDE = 'rounded-none h-full w-full bg-surface shadow-over border-line overflow-y-auto';

export function Box(props: Props) {
  return <Overlay {...props} className={BOX} />;
}

/** `isWide` is for what is worked on, not only looked at; at the start stands what leads elsewhere. */
export function SidePanel({ isWide, isAtStart, ...props }: Props & { isWide?: boolean; isAtStart?: boolean }) {
  return <Overlay {...props} className={cx(SIDE, isAtStart ? 'me-auto border-e' : 'ms-auto border-s', isWide ? 'max-w-2xl' : isAtStart ? 'max-w-xs' : 'max-w-md')} />;
}

function Overlay({ title, isOpen, onClose, children, role, className }: Props & { className: string }) {
  const { t } = useLingui();
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable={role !== 'alertdialog'} className={SHADE}>
      <Modal className={cx('jadval', className)}>
        <Dialog role={role} className="grid gap-3 p-5 outline-none">
          <header className="flex items-start justify-between gap-3">
            <Heading slot="title" className="text-xl font-bold">
              {title}
            </Heading>
            <span className="-me-2 -mt-1">
              <IconButton aria-label={t`Close`} onPress={onClose}>
                <X size={18} aria-hidden />
              </IconButton>
            </span>
          </header>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The row of buttons at the end of a form. */
export function Answers({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap justify-end gap-2 pt-2">{children}</div>;
}
