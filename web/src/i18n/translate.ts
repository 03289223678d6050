// Texts and numbers of one language: plain functions, no React.
import { catalogues, type Key, type Language, type Message, type Parameters } from './messages';

export type Translate = <K extends Key>(
  key: K,
  ...values: [Parameters<K>] extends [never] ? [] : [Record<Parameters<K>, string | number>]
) => string;

/** `preferred` as of navigator.languages; English when none is ours. */
export function best_language(preferred: readonly string[]): Language {
  for (const each of preferred) {
    const primary = each.toLowerCase().split('-')[0] ?? '';
    if (primary in catalogues) return primary as Language;
  }
  return 'en';
}

/** The region counts for numbers and dates: `de-AT` when that is what the browser prefers of German. */
export function locale_for(language: Language, preferred: readonly string[]): string {
  return preferred.find((each) => each.toLowerCase().split('-')[0] === language) ?? language;
}

export function translator(language: Language, locale: string): Translate {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(language);
  const catalogue = catalogues[language];

  const shown = (value: string | number | undefined) =>
    typeof value === 'number' ? numbers.format(value) : (value ?? '');
  const chosen = (message: Message, count: unknown) =>
    typeof message === 'string' ? message : (message[plurals.select(Number(count))] ?? message.other);

  return (key, ...values) => {
    const given = (values[0] ?? {}) as Record<string, string | number>;
    return chosen(catalogue[key], given['count']).replace(/\{(\w+)\}/g, (_, name: string) => shown(given[name]));
  };
}
