import { useState } from 'react';
import { Navigate, useLocation } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';
import { Button } from '../ui/button';
import { return_path } from './return_path';
import { useSession } from './session';

export function SignIn() {
  const { t } = useI18n();
  const { session, sign_in } = useSession();
  const { search } = useLocation();
  const [email, set_email] = useState('');
  usePageTitle(t('signin.title'));
  if (session.status === 'signed_in') return <Navigate replace to={return_path(search)} />;
  return (
    <main>
      <h1>{t('signin.title')}</h1>
      <input aria-label={t('signin.email')} value={email} onChange={(event) => set_email(event.target.value)} />
      <Button look="primary" onPress={() => void sign_in({ email, password: '' })}>
        {t('signin.submit')}
      </Button>
    </main>
  );
}
