import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';
import { Button } from '../ui/button';
import { Message } from '../ui/message';
import { useSignOut } from './use_sign_out';

/** For those who are signed in, but are no tenants. */
export function Forbidden({ email }: { email: string }) {
  const { t } = useI18n();
  const sign_out = useSignOut();
  usePageTitle(t('session.forbidden'));
  return (
    <main>
      <Message title={t('session.forbidden')} text={t('session.forbidden_text', { email })}>
        <Button look="primary" onPress={sign_out}>
          {t('shell.sign_out')}
        </Button>
      </Message>
    </main>
  );
}
