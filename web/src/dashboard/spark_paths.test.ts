import { expect, test } from 'vitest';
import { spark_paths } from './spark_paths';

const size = { width: 106, height: 46 };

test('a line goes from edge to edge, from zero to the highest', () => {
  const { line, last } = spark_paths([0, 5, 10], size);
  expect(line).toBe('M3 43L53 23L103 3');
  expect(last).toEqual({ x: 103, y: 3 });
});

test('a day without a value breaks the line; one between two such is a dot', () => {
  expect(spark_paths([1, null, 1, null, 1], size).line).toBe('M3 3h0M53 3h0M103 3h0');
});

test('nothing at all is a flat line, and no values are no line', () => {
  expect(spark_paths([0, 0], size).line).toBe('M3 43L103 43');
  expect(spark_paths([], size)).toEqual({ line: '', area: '', last: null });
  expect(spark_paths([null], size).last).toBeNull();
});
