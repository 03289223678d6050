// When what was fetched may no longer be what the server has, although no event said so.
import type { DashboardClient } from '@pulseboard/client';

interface Missed {
  /** Changes may have been missed. */
  missed: () => void;
  /** The connection is back; what failed without it may work now. */
  back?: () => void;
}

/** Gives the function that ends it. */
export function on_missed(client: DashboardClient, { missed, back }: Missed): () => void {
  let before = client.getSnapshot().connection;
  const looked = client.subscribe(() => {
    const now = client.getSnapshot().connection;
    const was = before;
    if (now === was) return;
    before = now;
    // While nothing arrives by itself, each answer to the client's own asking may be news.
    if (now.state === 'polling' && now.lastUpdateAt !== was.lastUpdateAt) missed();
    if (now.state === 'live' && was.state !== 'live') back?.();
  });
  const heard = client.on('reconnected', missed);
  return () => {
    looked();
    heard();
  };
}
