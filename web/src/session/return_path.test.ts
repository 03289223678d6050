import { expect, test } from 'vitest';
import { return_path, sign_in_path } from './return_path';

test('signing in leads to what was asked for', () => {
  const asked = { pathname: '/businesses', search: '?search=caf%C3%A9&status=active' };
  const path = sign_in_path(asked);
  expect(return_path(path.slice(path.indexOf('?')))).toBe('/businesses?search=caf%C3%A9&status=active');
  expect(sign_in_path({ pathname: '/', search: '' })).toBe('/signin');
});

test('and nowhere else', () => {
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', '/signin?next=/'])
    expect(return_path(`?next=${encodeURIComponent(next)}`), next).toBe('/');
  expect(return_path('')).toBe('/');
});
