// A business's history as the trend's chart and table want it.
import type { Metrics, TrendDay, Trends, TrendSums } from '@pulseboard/client';

export interface History {
  totals: Metrics;
  /** Only the days on which something happened. */
  history: readonly ({ date: string } & Metrics)[];
}

export const sums_of = (metrics: Metrics): TrendSums => ({
  views: metrics.views_count,
  clicks: metrics.clicks_count,
  invites: metrics.property_invites_count,
  declined: metrics.declined_count,
  messages: metrics.messages_count,
  qfps: metrics.qfps_submitted_count,
});

const nothing: TrendSums = { views: 0, clicks: 0, invites: 0, declined: 0, messages: 0, qfps: 0 };
const day_ms = 86_400_000;
const day_of = (at: number) => new Date(at).toISOString().slice(0, 10);

function sum(days: readonly TrendSums[]): TrendSums {
  const total = { ...nothing };
  for (const day of days) for (const name of Object.keys(nothing) as (keyof TrendSums)[]) total[name] += day[name];
  return total;
}

/** The last `days` days, oldest first, with zeros where nothing happened, and the sums of as many days before. */
export function trends_of({ history }: History, days: number, now: number): Trends {
  const known = new Map(history.map((each) => [each.date, sums_of(each)]));
  // The server's day counts, if this device's clock is behind.
  const newest = history.reduce((latest, each) => (each.date > latest ? each.date : latest), day_of(now));
  const today = Date.parse(newest);
  const window = (from: number): TrendDay[] =>
    Array.from({ length: days }, (_, index) => {
      const date = day_of(today - (from - index) * day_ms);
      return { date, ...(known.get(date) ?? nothing) };
    });
  const current = window(days - 1);
  return { days: current, current: sum(current), previous: sum(window(2 * days - 1)) };
}
