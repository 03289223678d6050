import { describe, expect, test } from 'vitest';
import { formatter } from './format';
import { catalogues, type Message } from './messages';
import { best_language, locale_for, translator } from './translate';

describe('the language', () => {
  test('is the first preferred one that is ours, else English', () => {
    expect(best_language(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(best_language(['en-US', 'de'])).toBe('en');
    expect(best_language(['fr', 'pl'])).toBe('en');
    expect(best_language([])).toBe('en');
  });

  test('keeps the region that the reader prefers, for numbers and dates', () => {
    expect(locale_for('de', ['en-GB', 'de-CH'])).toBe('de-CH');
    expect(locale_for('de', ['en-GB'])).toBe('de');
  });
});

describe('a text', () => {
  test('is filled in, with numbers as the locale writes them', () => {
    expect(translator('en', 'en-GB')('newest.views', { count: 1 })).toBe('1 view');
    expect(translator('en', 'en-GB')('newest.views', { count: 12_345 })).toBe('12,345 views');
    expect(translator('de', 'de-DE')('newest.views', { count: 12_345 })).toBe('12.345 Aufrufe');
    expect(translator('en', 'en-GB')('banner.paused', { time: '10:00' })).toContain('10:00');
  });

  // The compiler sees to the keys; what stands in braces is text to it.
  test('names the same parameters in every language', () => {
    const names = (message: Message) => {
      const texts = typeof message === 'string' ? [message] : Object.values(message);
      return [...new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1])))].sort();
    };
    for (const [key, message] of Object.entries(catalogues.en))
      expect(names(catalogues.de[key as keyof typeof catalogues.de]), key).toEqual(names(message));
  });
});

describe('a figure', () => {
  const german = formatter('de-DE');
  const english = formatter('en-GB');
  const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

  test('is written as the locale does', () => {
    expect(english.number(12_345)).toBe('12,345');
    expect(german.number(12_345)).toBe('12.345');
    expect(plain(german.percent(75.5))).toBe('75,5 %');
    expect(english.percent(80)).toBe('80.0%');
  });

  test('of a change has its sign, and a decimal only while it is small', () => {
    expect(english.change(12.34)).toBe('+12%');
    expect(english.change(1.26)).toBe('+1.3%');
    expect(english.change(0)).toBe('0%');
    expect(english.change(-100)).toBe('-100%');
  });

  test('of a day is that day in UTC, wherever the reader is', () => {
    expect(english.day('2026-11-23')).toBe('23 Nov');
  });

  test('of an age goes from seconds to hours', () => {
    expect(plain(english.ago(12))).toMatch(/^12 ?s(ec)? ago$/);
    expect(plain(english.ago(61))).toMatch(/^1 ?m(in)? ago$/);
    expect(plain(english.ago(7200))).toMatch(/^2 ?h(r)? ago$/);
  });
});
