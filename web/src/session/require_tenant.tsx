// The pages behind it are for tenants who are signed in. Others sign in first and come back to what they asked for.
import { Navigate, Outlet, useLocation } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { PageSkeleton } from '../ui/skeleton';
import { Button } from '../ui/button';
import { Message } from '../ui/message';
import { Forbidden } from './forbidden';
import { sign_in_path } from './return_path';
import { useSession } from './session';

export function RequireTenant() {
  const { session, check } = useSession();
  const { t } = useI18n();
  const location = useLocation();
  switch (session.status) {
    case 'checking':
      return <PageSkeleton />;
    case 'unreachable':
      return (
        <main>
          <Message title={t('session.unreachable')} text={t('session.unreachable_text')} alert>
            <Button onPress={check}>{t('error.retry')}</Button>
          </Message>
        </main>
      );
    case 'signed_out':
      // Who signed out on purpose does not want to come back to where they were.
      return <Navigate replace to={session.reason === 'by_user' ? '/signin' : sign_in_path(location)} />;
    case 'signed_in':
      return session.user.role === 'tenant' ? <Outlet /> : <Forbidden email={session.user.email} />;
  }
}
