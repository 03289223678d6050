// What the page says of its connection. One rule for the dot in the header, its details and the banner.
import type { Connection } from '@pulseboard/client';

export type Indicator =
  | 'connecting'
  | 'live'
  | 'reconnecting'
  | 'polling'
  | 'offline'
  | 'stale'
  | 'paused';
export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export function indicator_of(connection: Pick<Connection, 'state' | 'online' | 'paused'>): Indicator {
  if (connection.paused) return 'paused';
  if (!connection.online && connection.state !== 'live') return 'offline';
  switch (connection.state) {
    case 'live':
      return 'live';
    // Closed is what it is before it is told to connect; nobody sees it after.
    case 'connecting':
    case 'closed':
      return 'connecting';
    case 'recovering':
      return 'reconnecting';
    case 'polling':
      return 'polling';
    case 'stale':
    case 'unauthorised':
      return 'stale';
  }
}

export const tones: Record<Indicator, Tone> = {
  connecting: 'neutral',
  live: 'good',
  reconnecting: 'warn',
  polling: 'warn',
  offline: 'bad',
  stale: 'bad',
  paused: 'neutral',
};

/** Seconds until the next attempt; null when none is waited for. */
export function seconds_until(at: number | null, now: number): number | null {
  return at === null || at <= now ? null : Math.ceil((at - now) / 1000);
}
