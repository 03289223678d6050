import type { Business } from '@pulseboard/client';
import { Link, useLocation, useNavigate } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { BackIcon } from '../ui/icons';
import { BusinessLogo } from './business_logo';
import { BusinessMenu } from './business_menu';
import { StatusBadges } from './status_badge';
import type { BusinessActions } from './use_actions';

export function BusinessHead({ business, actions }: { business: Business; actions: BusinessActions }) {
  const { t, format } = useI18n();
  const navigate = useNavigate();
  const from_list = (useLocation().state as { from_list?: boolean } | null)?.from_list === true;
  return (
    <div className="business__head">
      <Link
        to="/businesses"
        className="business__back"
        onClick={(event) => {
          // Back to where it was left: its filter, its place.
          if (!from_list || event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          void navigate(-1);
        }}
      >
        <BackIcon />
        {t('business.back')}
      </Link>
      <BusinessLogo business={business} large />
      <div className="business__title">
        <h1>{business.name}</h1>
        <p className="business__facts">
          <span>{business.category}</span>
          <span>{t('business.since', { day: format.date(business.created_at) })}</span>
          <span>{t('business.changed', { moment: format.moment(business.updated_at) })}</span>
        </p>
        <StatusBadges business={business} />
      </div>
      <div className="business__actions">
        <Button onPress={() => actions.edit(business)}>{t('business.edit')}</Button>
        <BusinessMenu business={business} actions={actions} />
      </div>
    </div>
  );
}
