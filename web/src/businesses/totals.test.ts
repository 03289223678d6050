import type { Metrics } from '@pulseboard/client';
import { expect, test, vi } from 'vitest';
import { Totals } from './totals';

const counts = (views: number): Metrics => ({
  views_count: views,
  clicks_count: 0,
  property_invites_count: 0,
  declined_count: 0,
  messages_count: 0,
  qfps_submitted_count: 0,
});

function made() {
  vi.useFakeTimers();
  const asked: { id: string; answer: (views: number) => void }[] = [];
  const state = { updated: (_id: string, _metrics: Metrics) => {}, missed: () => {} };
  const totals = new Totals(
    {
      fetch: (id) => new Promise((done) => asked.push({ id, answer: (views) => done(counts(views)) })),
      listen: (updated, missed) => void Object.assign(state, { updated, missed }),
    },
    (draw) => draw(),
  );
  const views = (id: string) => totals.get_view().get(id)?.views_count;
  return { totals, asked, state, views, rest: () => vi.advanceTimersByTimeAsync(300) };
}

test('asks only for what the scrolling rests at, a few at a time, each once', async () => {
  const { totals, asked, rest } = made();
  totals.want(['x', 'y']);
  totals.want([...'abcdef']);
  await rest();
  expect(asked.map((each) => each.id).join('')).toBe('abcd');
  for (let at = 0; at < 6; ++at) {
    asked[at]!.answer(at);
    await rest();
  }
  totals.want([...'abcdef']);
  await rest();
  expect(asked.map((each) => each.id).join('')).toBe('abcdef');
});

test('an event that comes while an answer is under way is newer than it', async () => {
  const { totals, asked, state, views, rest } = made();
  totals.want(['a']);
  await rest();
  state.updated('a', counts(5));
  asked[0]!.answer(4);
  await rest();
  expect(views('a')).toBe(5);
});

test('after a gap what is in view is asked for again, and stays until then', async () => {
  const { totals, asked, state, views, rest } = made();
  totals.want(['a']);
  await rest();
  asked[0]!.answer(1);
  await rest();
  state.missed();
  await rest();
  expect(views('a')).toBe(1);
  asked[1]!.answer(2);
  await rest();
  expect(views('a')).toBe(2);
});
