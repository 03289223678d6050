import type { DashboardClient, Metrics } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useEffect, useSyncExternalStore } from 'react';
import { on_missed } from '../client/missed';
import { Totals } from './totals';

// As long as the session's client, so that going back to the list shows them at once.
const kept = new WeakMap<DashboardClient, Totals>();

function totals_for(client: DashboardClient): Totals {
  const known = kept.get(client);
  if (known) return known;
  const made = new Totals({
    fetch: async (id) => (await client.api.metrics(id, 1)).totals,
    listen(updated, missed) {
      client.on('metrics:updated', ({ businessId, metrics }) => updated(businessId, metrics));
      on_missed(client, { missed });
    },
  });
  kept.set(client, made);
  return made;
}

/** `ids`: the businesses in view, separated by spaces; none where there is no room to show their counts. */
export function useTotals(ids: string): ReadonlyMap<string, Metrics> {
  const totals = totals_for(useDashboardClient());
  useEffect(() => {
    totals.want(ids === '' ? [] : ids.split(' '));
    return () => totals.want([]);
  }, [totals, ids]);
  return useSyncExternalStore(totals.subscribe, totals.get_view);
}
