// The indicator in the header: a dot, a word, and the age of what is shown. Pressed, it tells more, and pauses.
import { useConnection, useDashboardClient } from '@pulseboard/client/react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useRefresh } from '../client/use_refresh';
import { useNow } from '../client/use_now';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { PauseIcon, PlayIcon, RefreshIcon } from '../ui/icons';
import { indicator_of, seconds_until, tones } from './indicator';
import './connection.css';

function useAge(at: number | null): string | null {
  const { t, format } = useI18n();
  const now = useNow();
  if (at === null) return null;
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  return seconds < 2 ? t('connection.updated_now') : t('connection.updated', { ago: format.ago(seconds) });
}

function Age({ at }: { at: number | null }) {
  const age = useAge(at);
  return <span className="connection__age numbers">{age}</span>;
}

function NextAttempt({ at }: { at: number }) {
  const { t } = useI18n();
  const seconds = seconds_until(at, useNow());
  return seconds === null ? t('connection.connecting') : t('connection.next_in', { seconds });
}

export function ConnectionIndicator() {
  const { t, format } = useI18n();
  const client = useDashboardClient();
  const connection = useConnection();
  const refresh = useRefresh();
  const shown = indicator_of(connection);
  const updated = connection.lastUpdateAt;
  return (
    <DialogTrigger>
      <AriaButton className="connection" data-state={shown} data-tone={tones[shown]}>
        <span className="visually-hidden">{t('connection.label')}: </span>
        <span className="connection__dot" aria-hidden="true" />
        <span className="connection__word">{t(`connection.${shown}`)}</span>
        <Age at={updated} />
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Dialog className="connection__details" aria-label={t('connection.label')}>
          <p>
            <strong>{t(`connection.${shown}`)}</strong>
            <br />
            {t(`connection.${shown}_text`)}
          </p>
          <dl className="numbers">
            <dt>{t('connection.last_update')}</dt>
            <dd>{updated === null ? t('connection.never') : format.time(updated)}</dd>
            {connection.transport && shown === 'live' && (
              <>
                <dt>{t('connection.transport')}</dt>
                <dd>{connection.transport}</dd>
              </>
            )}
            {connection.attempt > 0 && (
              <>
                <dt>{t('connection.attempt')}</dt>
                <dd>{format.number(connection.attempt)}</dd>
              </>
            )}
            {connection.nextAttemptAt !== null && (
              <>
                <dt>{t('connection.next')}</dt>
                <dd>
                  <NextAttempt at={connection.nextAttemptAt} />
                </dd>
              </>
            )}
          </dl>
          <div className="connection__actions">
            <Button size="small" onPress={() => (connection.paused ? client.resume() : client.pause())}>
              {connection.paused ? <PlayIcon /> : <PauseIcon />}
              {connection.paused ? t('connection.resume') : t('connection.pause')}
            </Button>
            <Button size="small" onPress={refresh} isDisabled={connection.paused}>
              <RefreshIcon />
              {t('connection.refresh')}
            </Button>
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
