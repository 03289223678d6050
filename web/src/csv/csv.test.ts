import { describe, expect, test } from 'vitest';
import { csv, file_name } from './csv';

const line = (...cells: (string | number | boolean | null)[]) => csv(['h'], [cells]).split('\r\n')[1];

describe('CSV', () => {
  test('begins with a byte order mark, ends each line with CRLF', () => {
    expect(csv(['a', 'b'], [[1, null]])).toBe('\uFEFFa,b\r\n1,\r\n');
  });

  test('quotes what holds commas, quotes, line breaks or spaces at the ends', () => {
    expect(line('a,b', 'say "hi"', 'two\nlines', ' x', 'plain')).toBe('"a,b","say ""hi""","two\nlines"," x",plain');
  });

  test('makes text of what a spreadsheet would run', () => {
    for (const evil of ['=1+1', '+1', '-1', '@SUM(A1)', '=cmd|/c', ' =1', '＝1', '＠x'])
      expect(line(evil)?.replaceAll('"', '').startsWith("'"), evil).toBe(true);
    expect(line('\t=1')).toBe('"\'\t=1"');
  });

  test('leaves numbers numbers, also negative ones', () => {
    expect(line(-5, 1.5, true)).toBe('-5,1.5,true');
  });

  test('names files by what they hold and the day, without what file systems refuse', () => {
    expect(file_name('A/B: "C"', new Date(2026, 10, 3))).toBe('Pulseboard A B C 2026-11-03.csv');
  });
});
