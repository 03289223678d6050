// Across the page when what it shows may be old: says how old, keeps the figures, offers to try at once.
import { useConnection, useDashboardClient } from '@pulseboard/client/react';
import { useRefresh } from '../client/use_refresh';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { WarningIcon } from '../ui/icons';
import { indicator_of } from './indicator';
import './banner.css';

export function Banner() {
  const { t, format } = useI18n();
  const client = useDashboardClient();
  const connection = useConnection();
  const refresh = useRefresh();
  const shown = indicator_of(connection);
  if (shown !== 'offline' && shown !== 'stale' && shown !== 'paused') return null;
  const time = connection.lastUpdateAt === null ? null : format.time(connection.lastUpdateAt);
  return (
    <div className={`banner banner--${shown}`} role="status">
      <div className="banner__inner">
        {shown !== 'paused' && <WarningIcon />}
        <span>{time === null ? t('banner.stale_never') : t(`banner.${shown}`, { time })}</span>
        {shown === 'paused' && (
          <Button size="small" onPress={() => client.resume()}>
            {t('connection.resume')}
          </Button>
        )}
        {shown === 'stale' && (
          <Button size="small" onPress={refresh}>
            {t('banner.retry')}
          </Button>
        )}
      </div>
    </div>
  );
}
