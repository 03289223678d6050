import { expect, test } from 'vitest';
import { indicator_of, seconds_until } from './indicator';

test('the indicator says what is the case', () => {
  const said = (state: Parameters<typeof indicator_of>[0]['state'], online = true, paused = false) =>
    indicator_of({ state, online, paused });
  expect(said('connecting')).toBe('connecting');
  expect(said('live')).toBe('live');
  expect(said('recovering')).toBe('reconnecting');
  expect(said('polling')).toBe('polling');
  expect(said('stale')).toBe('stale');
  expect(said('closed')).toBe('connecting');
  expect(said('recovering', false)).toBe('offline');
  // A browser that thinks it is offline while messages come in is wrong.
  expect(said('live', false)).toBe('live');
  expect(said('live', true, true)).toBe('paused');
});

test('the next attempt is counted down, and not below one', () => {
  expect(seconds_until(10_500, 8_000)).toBe(3);
  expect(seconds_until(8_000, 8_000)).toBeNull();
  expect(seconds_until(null, 8_000)).toBeNull();
});
