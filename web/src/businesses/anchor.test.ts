import { expect, test } from 'vitest';
import { moved_to } from './anchor';

const rows = (ids: string) => [...ids].map((id) => ({ id }));

test('a row that stays is found where it stands now', () => {
  expect(moved_to(rows('abcd'), 2, rows('xabcd'))).toBe(3);
  expect(moved_to(rows('abcd'), 2, rows('bcd'))).toBe(1);
  expect(moved_to(rows('abcd'), 2, rows('abcdx'))).toBe(2);
});

test('of a row that is gone the next one counts', () => {
  expect(moved_to(rows('abcd'), 1, rows('acd'))).toBe(1);
  expect(moved_to(rows('abcd'), 3, rows('abc'))).toBe(3);
  expect(moved_to(rows('ab'), 1, rows(''))).toBe(0);
});
