// The language of the page: the browser's, or the one chosen here. `useI18n()` gives texts and formats.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { I18nProvider as AriaI18nProvider } from 'react-aria-components';
import { formatter, type Format } from './format';
import { languages, type Language } from './messages';
import { best_language, locale_for, translator, type Translate } from './translate';

const key = 'pulseboard.language';

function stored(): Language {
  try {
    const value = localStorage.getItem(key);
    if (value && value in languages) return value as Language;
  } catch {
    // No storage: as the browser says.
  }
  return best_language(navigator.languages);
}

interface I18n {
  language: Language;
  choose: (language: Language) => void;
  t: Translate;
  format: Format;
}

const Context = createContext<I18n | null>(null);

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error('useI18n outside of I18nProvider');
  return value;
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, set_language] = useState(stored);
  const locale = locale_for(language, navigator.languages);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  const choose = useCallback((next: Language) => {
    try {
      localStorage.setItem(key, next);
    } catch {
      // Not kept, but shown.
    }
    set_language(next);
  }, []);

  const value = useMemo(
    () => ({ language, choose, t: translator(language, locale), format: formatter(locale) }),
    [language, locale, choose],
  );
  return (
    <Context value={value}>
      <AriaI18nProvider locale={locale}>{children}</AriaI18nProvider>
    </Context>
  );
}
