import { useDashboardClient } from '@pulseboard/client/react';
import { useCallback } from 'react';
import { useI18n } from '../i18n/i18n';
import { toast } from '../ui/toast_queue';
import { failure_of } from './failure';

/** Fetches the current state because somebody asked for it, so that it is said when that fails. */
export function useRefresh(): () => void {
  const client = useDashboardClient();
  const { t } = useI18n();
  return useCallback(() => {
    Promise.resolve(client.refresh()).catch((error: unknown) =>
      toast.bad(t(failure_of(error).kind === 'unreachable' ? 'error.unreachable' : 'error.text')),
    );
  }, [client, t]);
}
