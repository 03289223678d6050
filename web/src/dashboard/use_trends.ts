// The daily counts, fetched anew while things happen: soon after the first change, then at most every ten seconds,
// and not while nobody looks.
import type { Trends } from '@pulseboard/client';
import { useConnection, useDashboardClient } from '@pulseboard/client/react';
import { useEffect, useRef } from 'react';
import { useResource, type Resource } from '../client/use_resource';

const soon_ms = 400;
const gap_ms = 10_000;

export function useTrends(days: number): Resource<Trends> {
  const client = useDashboardClient();
  const { paused, state } = useConnection();
  const trends = useResource(`trends/${days}`, () => client.api.trends(days));
  const { reload } = trends;
  const last = useRef(0);

  useEffect(() => {
    if (paused) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let due = false;
    const run = () => {
      timer = null;
      if (document.hidden) return;
      due = false;
      last.current = Date.now();
      reload();
    };
    const changed = () => {
      due = true;
      timer ??= setTimeout(run, Math.max(soon_ms, last.current + gap_ms - Date.now()));
    };
    const seen = () => {
      if (!document.hidden && due && timer === null) run();
    };
    const unsubscribe = [client.on('kpi:update', changed), client.on('metrics:updated', changed)];
    document.addEventListener('visibilitychange', seen);
    return () => {
      for (const each of unsubscribe) each();
      document.removeEventListener('visibilitychange', seen);
      if (timer !== null) clearTimeout(timer);
    };
  }, [client, reload, paused]);

  // Back after a while without events: what happened meanwhile is not in what is shown.
  const was = useRef(state);
  useEffect(() => {
    const returned = state === 'live' && was.current !== 'live' && was.current !== 'connecting';
    was.current = state;
    if (returned) reload();
  }, [state, reload]);

  return trends;
}
