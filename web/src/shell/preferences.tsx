// Theme and language where there is no account menu yet: on the sign-in page.
import { useI18n } from '../i18n/i18n';
import { languages, type Language } from '../i18n/messages';
import { useTheme, type Theme } from '../theme/theme';
import './preferences.css';

export function Preferences() {
  const { t, language, choose: choose_language } = useI18n();
  const { theme, choose: choose_theme } = useTheme();
  return (
    <footer className="preferences">
      <label>
        <span>{t('shell.language')}</span>
        <select value={language} onChange={(event) => choose_language(event.target.value as Language)}>
          {Object.entries(languages).map(([key, name]) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('shell.theme')}</span>
        <select value={theme} onChange={(event) => choose_theme(event.target.value as Theme)}>
          <option value="system">{t('shell.theme_system')}</option>
          <option value="light">{t('shell.theme_light')}</option>
          <option value="dark">{t('shell.theme_dark')}</option>
        </select>
      </label>
    </footer>
  );
}
