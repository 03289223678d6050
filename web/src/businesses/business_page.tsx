import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';

export default function BusinessPage() {
  const { t } = useI18n();
  usePageTitle(t('businesses.title'));
  return <h1>{t('businesses.title')}</h1>;
}
