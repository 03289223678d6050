// Light, dark, or as the system says. The choice is an attribute of <html>; everything else is CSS.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';

export type Theme = 'system' | 'light' | 'dark';
const key = 'pulseboard.theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

function apply(theme: Theme) {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

interface ThemeState {
  theme: Theme;
  /** What is painted: the choice, or the system's. */
  painted: 'light' | 'dark';
  choose: (theme: Theme) => void;
}

const Context = createContext<ThemeState>({ theme: 'system', painted: 'light', choose: () => {} });
export const useTheme = () => useContext(Context);

export function ThemeProvider({ children }: { children: ReactNode }) {
  const [theme, set_theme] = useState(stored);
  const [system_dark, set_system_dark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);

  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => set_system_dark(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);

  useEffect(() => {
    // Chosen in another tab.
    const changed = (event: StorageEvent) => {
      if (event.key !== key) return;
      apply(stored());
      set_theme(stored());
    };
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }, []);

  const choose = useCallback((next: Theme) => {
    try {
      if (next === 'system') localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    } catch {
      // Not kept, but shown.
    }
    apply(next);
    set_theme(next);
  }, []);

  const painted = theme === 'system' ? (system_dark ? 'dark' : 'light') : theme;
  const value = useMemo(() => ({ theme, painted, choose }), [theme, painted, choose]) as ThemeState;
  return <Context value={value}>{children}</Context>;
}
