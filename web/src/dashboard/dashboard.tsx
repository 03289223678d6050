import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';

export default function Dashboard() {
  const { t } = useI18n();
  usePageTitle(t('dashboard.title'));
  return <h1>{t('dashboard.title')}</h1>;
}
