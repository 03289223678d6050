import { expect, test } from 'vitest';
import { period_of, view_of, with_period, with_view } from './address';

const of = (text: string) => new URLSearchParams(text);

test('the period is one of three, or the default', () => {
  expect(period_of(of('days=7'))).toBe(7);
  expect(period_of(of('days=90'))).toBe(90);
  for (const text of ['', 'days=', 'days=8', 'days=abc', 'days=-7', 'days=1e9']) expect(period_of(of(text))).toBe(30);
});

test('the default is not written, and what else the address says is kept', () => {
  expect(with_period(of('view=table'), 7).toString()).toBe('view=table&days=7');
  expect(with_period(of('days=7&view=table'), 30).toString()).toBe('view=table');
});

test('the trend is a chart unless a table is asked for', () => {
  expect(view_of(of(''))).toBe('chart');
  expect(view_of(of('view=table'))).toBe('table');
  expect(with_view(of('days=7'), 'table').toString()).toBe('days=7&view=table');
  expect(with_view(of('view=table'), 'chart').toString()).toBe('');
});
