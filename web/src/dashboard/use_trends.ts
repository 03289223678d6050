// The daily counts of all businesses, kept up to date; of null days, nothing.
import type { Trends } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useCallback } from 'react';
import { useLiveResource } from '../client/use_live_resource';
import type { Resource } from '../client/use_resource';

export function useTrends(days: number | null): Resource<Trends> {
  const client = useDashboardClient();
  const listen = useCallback(
    (changed: () => void) => {
      const ends = [client.on('kpi:update', changed), client.on('metrics:updated', changed)];
      return () => ends.forEach((end) => end());
    },
    [client],
  );
  return useLiveResource(days === null ? null : `trends/${days}`, () => client.api.trends(days ?? 1), listen);
}
