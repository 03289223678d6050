import type { Business } from '@pulseboard/client';
import { useI18n } from '../i18n/i18n';
import { EyeOffIcon, WarningIcon } from '../ui/icons';
import './status_badge.css';

/** Status, and what besides it a landlord or the owner should know: never by colour alone. */
export function StatusBadges({ business }: { business: Business }) {
  const { t } = useI18n();
  return (
    <span className="badges">
      <span className={`badge badge--${business.status}`}>{t(`status.${business.status}`)}</span>
      {business.stealth_mode_enabled && business.status !== 'stealth_mode' && (
        <span className="badge badge--plain">
          <EyeOffIcon />
          {t('business.stealth_on')}
        </span>
      )}
      {!business.is_verified && (
        <span className="badge badge--warn" title={t('business.unverified_text')}>
          <WarningIcon />
          {t('business.unverified')}
        </span>
      )}
    </span>
  );
}
