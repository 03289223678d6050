import { useI18n } from '../i18n/i18n';
import { LinkButton } from '../ui/button';
import { Message } from '../ui/message';
import { usePageTitle } from './page_title';

export function NotFound() {
  const { t } = useI18n();
  usePageTitle(t('not_found.title'));
  return (
    <Message title={t('not_found.title')} text={t('not_found.text')}>
      <LinkButton href="/">{t('not_found.home')}</LinkButton>
    </Message>
  );
}
