import { describe, expect, test } from 'vitest';
import { filter_of, matches, no_filter, with_filter } from './filter';
import { business } from './testing';

describe('the filter', () => {
  test('comes back from the address it was written to, and leaves the rest of it alone', () => {
    const params = with_filter(new URLSearchParams('days=7'), { search: ' a&b ', status: 'active' });
    expect(params.toString()).toBe('days=7&q=a%26b&status=active');
    expect(filter_of(params)).toEqual({ search: 'a&b', status: 'active' });
    expect(with_filter(params, no_filter).toString()).toBe('days=7');
  });

  test('does not believe an address that names no status', () => {
    expect(filter_of(new URLSearchParams('status=closed&q=%20'))).toEqual(no_filter);
  });

  test('compares names as the server does', () => {
    const named = (name: string, search: string) => matches({ search, status: '' }, business(1, name));
    expect(named('Bäckerei Groß', 'BÄCK')).toBe(true);
    expect(named('Bäckerei Groß', 'GROSS')).toBe(true);
    expect(named('100% Kaffee', '0%')).toBe(true);
    expect(named('Kaffee', '%')).toBe(false);
    expect(named('Kaffee', 'Tee')).toBe(false);
  });
});
