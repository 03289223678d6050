import { NavLink } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { ConnectionIndicator } from './connection';
import { Logo } from './logo';
import { UserMenu } from './user_menu';
import './header.css';

export function Header() {
  const { t } = useI18n();
  return (
    <header className="header">
      <div className="header__inner">
        <NavLink to="/" className="header__brand" aria-label={t('app.name')}>
          <Logo />
          <span>{t('app.name')}</span>
        </NavLink>
        <nav className="header__nav" aria-label={t('shell.navigation')}>
          <NavLink to="/" end>
            {t('dashboard.title')}
          </NavLink>
          <NavLink to="/businesses">{t('businesses.title')}</NavLink>
        </nav>
        <div className="header__end">
          <ConnectionIndicator />
          <UserMenu />
        </div>
      </div>
    </header>
  );
}
