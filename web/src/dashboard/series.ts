// The six counts of a day: in which order, which colour, and whether more of it is good.
import type { TrendSums } from '@pulseboard/client';
import type { Key } from '../i18n/messages';

export type SeriesName = keyof TrendSums;

export interface Series {
  name: SeriesName;
  label: Extract<Key, `series.${string}`>;
  colour: `--chart-${number}`;
  /** Told apart without colours too. */
  dash: readonly number[];
  up_is: 'good' | 'bad';
}

export const all_series: readonly Series[] = [
  { name: 'views', label: 'series.views', colour: '--chart-1', dash: [], up_is: 'good' },
  { name: 'clicks', label: 'series.clicks', colour: '--chart-2', dash: [6, 3], up_is: 'good' },
  { name: 'invites', label: 'series.invites', colour: '--chart-3', dash: [2, 3], up_is: 'good' },
  { name: 'declined', label: 'series.declined', colour: '--chart-4', dash: [8, 3, 2, 3], up_is: 'bad' },
  { name: 'messages', label: 'series.messages', colour: '--chart-6', dash: [10, 4], up_is: 'good' },
  { name: 'qfps', label: 'series.qfps', colour: '--chart-5', dash: [1, 4], up_is: 'good' },
];

export const shown_at_first: readonly SeriesName[] = ['views', 'invites', 'messages'];
