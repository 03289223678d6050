import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';
import { BusinessesSection } from './section';

export default function Businesses() {
  const { t } = useI18n();
  usePageTitle(t('businesses.title'));
  return <BusinessesSection />;
}
