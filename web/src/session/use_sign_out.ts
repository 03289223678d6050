import { useCallback } from 'react';
import { useI18n } from '../i18n/i18n';
import { toast } from '../ui/toast_queue';
import { useSession } from './session';

export function useSignOut() {
  const { sign_out } = useSession();
  const { t } = useI18n();
  return useCallback(() => {
    // Still signed in as far as the server knows: saying otherwise would be wrong.
    sign_out().catch(() => toast.bad(t('shell.signed_out_failed')));
  }, [sign_out, t]);
}
