import { describe, expect, test } from 'vitest';
import { change_of, direction_of, points_change, response_rate, verdict_of } from './change';

describe('a change', () => {
  test('is in percent of the period before', () => {
    expect(change_of(120, 100)).toEqual({ kind: 'percent', by: 20 });
    expect(change_of(0, 80)).toEqual({ kind: 'percent', by: -100 });
    expect(change_of(80, 80)).toEqual({ kind: 'percent', by: 0 });
  });

  test('has no percentage of nothing', () => {
    expect(change_of(7, 0)).toEqual({ kind: 'from_nothing', by: 7 });
    expect(change_of(0, 0)).toEqual({ kind: 'percent', by: 0 });
  });

  test('of a rate is in points, and unknown when one side has no rate', () => {
    expect(points_change(75.5, 70.2)).toEqual({ kind: 'points', by: 5.3 });
    expect(points_change(null, 70)).toEqual({ kind: 'unknown' });
    expect(points_change(70, null)).toEqual({ kind: 'unknown' });
  });

  test('that rounds to zero goes nowhere', () => {
    expect(direction_of({ kind: 'percent', by: 0.04 })).toBe('same');
    expect(direction_of({ kind: 'percent', by: -0.06 })).toBe('down');
    expect(direction_of({ kind: 'unknown' })).toBe('same');
  });

  test('is good or bad by what it is a change of', () => {
    const more = change_of(2, 1);
    const less = change_of(1, 2);
    expect(verdict_of(more, 'good')).toBe('good');
    expect(verdict_of(more, 'bad')).toBe('bad');
    expect(verdict_of(less, 'good')).toBe('bad');
    expect(verdict_of(less, 'bad')).toBe('good');
    expect(verdict_of(change_of(1, 1), 'bad')).toBe('neutral');
  });
});

test('the response rate is the server’s: at most 100, one decimal, half up; none without invites', () => {
  expect(response_rate({ messages: 1, invites: 16 })).toBe(6.3);
  expect(response_rate({ messages: 5, invites: 4 })).toBe(100);
  expect(response_rate({ messages: 3, invites: 0 })).toBeNull();
});
