// The frame of every page: skip link, header, and the page in <main>, which takes the focus when another page is
// opened, so that a screen reader starts there.
import { useEffect, useRef, Suspense } from 'react';
import { Outlet, useLocation, useNavigationType } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { PageSkeleton } from '../ui/skeleton';
import { Announcer } from './announcer';
import { Banner } from './banner';
import { Header } from './header';
import './layout.css';

export function Layout() {
  const { t } = useI18n();
  const { pathname } = useLocation();
  const type = useNavigationType();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
    // Who goes back is brought back: by the browser, or by the page once it is whole.
    if (type !== 'POP') scrollTo(0, 0);
  }, [pathname, type]);

  return (
    <div className="layout">
      <a className="skip" href="#content" onClick={() => main.current?.focus()}>
        {t('shell.skip')}
      </a>
      <Header />
      <Banner />
      <Announcer />
      <main className="layout__main" id="content" ref={main} tabIndex={-1}>
        <Suspense fallback={<PageSkeleton />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
