// From a landlord's view to a QFP: each step with what it is a share of.
import type { TrendSums } from '@pulseboard/client';

export interface Step {
  name: keyof TrendSums;
  count: number;
  /** Of the widest, 0 to 1. */
  width: number;
  /** null: the first step, or nothing to be a share of. */
  share: { of: keyof TrendSums; percent: number } | null;
}

// Declining ends an invitation rather than leading on, so messages are compared with invites as well.
const steps: readonly { name: keyof TrendSums; of: keyof TrendSums | null }[] = [
  { name: 'views', of: null },
  { name: 'clicks', of: 'views' },
  { name: 'invites', of: 'clicks' },
  { name: 'declined', of: 'invites' },
  { name: 'messages', of: 'invites' },
  { name: 'qfps', of: 'messages' },
];

export function funnel(sums: TrendSums): Step[] {
  const most = Math.max(1, ...Object.values(sums));
  return steps.map(({ name, of }) => ({
    name,
    count: sums[name],
    width: sums[name] / most,
    share: of && sums[of] > 0 ? { of, percent: (sums[name] / sums[of]) * 100 } : null,
  }));
}
