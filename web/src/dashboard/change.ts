// How a figure of this period compares with the period before, and whether that is good news.
import type { TrendDay, TrendSums } from '@pulseboard/client';

export type Change =
  /** In percent of the period before. */
  | { kind: 'percent'; by: number }
  /** In percentage points: for what is itself a percentage. */
  | { kind: 'points'; by: number }
  /** There was nothing before, so there is no percentage of it. */
  | { kind: 'from_nothing'; by: number }
  /** Nothing to compare. */
  | { kind: 'unknown' };

export function change_of(current: number, previous: number): Change {
  if (previous === 0) return current === 0 ? { kind: 'percent', by: 0 } : { kind: 'from_nothing', by: current };
  return { kind: 'percent', by: ((current - previous) / previous) * 100 };
}

export function points_change(current: number | null, previous: number | null): Change {
  if (current === null || previous === null) return { kind: 'unknown' };
  return { kind: 'points', by: Math.round((current - previous) * 10) / 10 };
}

/** Messages per invite in percent, as the server counts it: at most 100, one decimal; null without invites. */
export function response_rate({ messages, invites }: Pick<TrendSums, 'messages' | 'invites'>): number | null {
  return invites === 0 ? null : Math.min(100, Math.round((messages / invites) * 1000) / 10);
}

/** A day without invites has no rate. */
export const daily_rates = (days: readonly TrendDay[]) => days.map(response_rate);

export type Direction = 'up' | 'down' | 'same';
export type Verdict = 'good' | 'bad' | 'neutral';

export function direction_of(change: Change): Direction {
  if (change.kind === 'unknown') return 'same';
  // What is shown as 0 % is no change.
  const shown = change.kind === 'percent' ? Math.round(change.by * 10) / 10 : change.by;
  return shown > 0 ? 'up' : shown < 0 ? 'down' : 'same';
}

export function verdict_of(change: Change, up_is: 'good' | 'bad'): Verdict {
  const direction = direction_of(change);
  if (direction === 'same') return 'neutral';
  return (direction === 'up') === (up_is === 'good') ? 'good' : 'bad';
}
