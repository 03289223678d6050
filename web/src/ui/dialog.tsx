// A dialog over the page. What opened it gets the focus back when it closes.
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import './dialog.css';

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** Asks something that must be answered: said at once, not left by a click beside it. */
  alert?: boolean;
  /** While something is under way the dialog stays. */
  busy?: boolean;
  children: ReactNode;
}

export function Dialog({ title, open, onClose, alert = false, busy = false, children }: DialogProps) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={open}
      onOpenChange={(now) => !now && !busy && onClose()}
      isDismissable={!alert && !busy}
      isKeyboardDismissDisabled={busy}
    >
      <Modal className="dialog">
        <AriaDialog className="dialog__content" role={alert ? 'alertdialog' : 'dialog'}>
          <Heading slot="title" className="dialog__title">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
