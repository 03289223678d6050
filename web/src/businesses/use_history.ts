// Counts of one business: the days of two periods, and the sums of all time, which move with every event.
import type { Metrics } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useCallback, useEffect, useState } from 'react';
import { useLiveResource } from '../client/use_live_resource';
import type { Resource } from '../client/use_resource';
import type { History } from './history';

export function useHistory(id: string, days: number): { history: Resource<History>; totals: Metrics | null } {
  const client = useDashboardClient();
  const [totals, set_totals] = useState<{ of: string; metrics: Metrics } | null>(null);
  const listen = useCallback(
    (changed: () => void) =>
      client.on('metrics:updated', ({ businessId, metrics }) => {
        if (businessId !== id) return;
        set_totals({ of: id, metrics });
        changed();
      }),
    [client, id],
  );
  // The change against the period before needs both.
  const history = useLiveResource(`history/${id}/${days}`, () => client.api.metrics(id, 2 * days), listen);
  const fetched = history.data?.totals;
  useEffect(() => {
    if (fetched) set_totals({ of: id, metrics: fetched });
  }, [fetched, id]);
  return { history, totals: totals?.of === id ? totals.metrics : null };
}
