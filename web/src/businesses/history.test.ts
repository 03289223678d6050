import type { Metrics } from '@pulseboard/client';
import { describe, expect, test } from 'vitest';
import { funnel } from './funnel_steps';
import { sums_of, trends_of } from './history';

const counts = (views: number, messages = 0): Metrics => ({
  views_count: views,
  clicks_count: 0,
  property_invites_count: 0,
  declined_count: 0,
  messages_count: messages,
  qfps_submitted_count: 0,
});
const now = Date.parse('2026-11-23T12:00:00Z');
const history = (...days: [string, number][]) => ({
  totals: counts(0),
  history: days.map(([date, views]) => ({ date, ...counts(views) })),
});

describe('history', () => {
  test('has every day of the window, oldest first, the last is today', () => {
    const trends = trends_of(history(['2026-11-23', 5], ['2026-11-21', 2]), 3, now);
    expect(trends.days.map((day) => [day.date, day.views])).toEqual([
      ['2026-11-21', 2],
      ['2026-11-22', 0],
      ['2026-11-23', 5],
    ]);
  });

  test('sums this period and the one before, nothing older', () => {
    const trends = trends_of(history(['2026-11-23', 5], ['2026-11-20', 7], ['2026-11-18', 1], ['2026-11-17', 100]), 3, now);
    expect(trends.current.views).toBe(5);
    expect(trends.previous.views).toBe(8);
  });

  test("follows the server's day when this device is behind", () => {
    expect(trends_of(history(['2026-11-24', 1]), 7, now).days.at(-1)?.date).toBe('2026-11-24');
  });
});

describe('funnel', () => {
  test('says of each step what share of the step before it is', () => {
    const steps = funnel(sums_of({ ...counts(200, 5), clicks_count: 50, property_invites_count: 10 }));
    expect(steps.map((step) => step.share?.percent ?? null)).toEqual([null, 25, 20, 0, 50, 0]);
    expect(steps[0]?.width).toBe(1);
    expect(steps[1]?.width).toBe(0.25);
  });

  test('has no share of nothing', () => {
    expect(funnel(sums_of(counts(0))).every((step) => step.share === null && step.width === 0)).toBe(true);
  });
});
