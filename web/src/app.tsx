// What is where: providers around, a page per address. A page's code is fetched when it is first shown.
import { lazy, Suspense } from 'react';
import { BrowserRouter, Route, Routes } from 'react-router-dom';
import { AriaRouter } from './shell/aria_router';
import { CrashBoundary } from './shell/crash_boundary';
import { Layout } from './shell/layout';
import { NotFound } from './shell/not_found';
import { I18nProvider } from './i18n/i18n';
import { RequireTenant } from './session/require_tenant';
import { SessionProvider } from './session/session';
import { SignIn } from './session/sign_in';
import { ThemeProvider } from './theme/theme';
import { Toasts } from './ui/toasts';
import { PageSkeleton } from './ui/skeleton';

const Dashboard = lazy(() => import('./dashboard/dashboard'));
const Businesses = lazy(() => import('./businesses/businesses'));
const BusinessPage = lazy(() => import('./businesses/business_page'));

export function App() {
  return (
    <I18nProvider>
      <ThemeProvider>
        <CrashBoundary>
          <BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
            <AriaRouter>
              <SessionProvider>
                <Suspense fallback={<PageSkeleton />}>
                  <Routes>
                    <Route path="/signin" element={<SignIn />} />
                    <Route element={<RequireTenant />}>
                      <Route element={<Layout />}>
                        <Route index element={<Dashboard />} />
                        <Route path="businesses" element={<Businesses />} />
                        <Route path="businesses/:id" element={<BusinessPage />} />
                        <Route path="*" element={<NotFound />} />
                      </Route>
                    </Route>
                  </Routes>
                </Suspense>
              </SessionProvider>
            </AriaRouter>
          </BrowserRouter>
          <Toasts />
        </CrashBoundary>
      </ThemeProvider>
    </I18nProvider>
  );
}
