import type { Business } from '@pulseboard/client';
import { useState } from 'react';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { problem_of } from './form_problem';

interface DeleteDialogProps {
  business: Business;
  confirm: () => Promise<void>;
  onClose: () => void;
}

export function DeleteDialog({ business, confirm, onClose }: DeleteDialogProps) {
  const { t } = useI18n();
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState<string | null>(null);

  const send = () => {
    set_busy(true);
    set_problem(null);
    confirm().then(onClose, (error: unknown) => {
      set_busy(false);
      set_problem(problem_of(error, t).text ?? t('form.failed'));
    });
  };

  return (
    <Dialog title={t('delete.title', { name: business.name })} open alert busy={busy} onClose={onClose}>
      <p className="dialog__text">{t('delete.text')}</p>
      {problem && (
        <p className="notice notice--bad" role="alert">
          {problem}
        </p>
      )}
      <div className="dialog__actions">
        {/* The harmless answer first: Enter must not delete by accident. */}
        <Button onPress={onClose} isDisabled={busy} autoFocus>
          {t('form.cancel')}
        </Button>
        <Button look="danger" onPress={send} isPending={busy}>
          {busy ? t('delete.deleting') : t('delete.confirm')}
        </Button>
      </div>
    </Dialog>
  );
}
