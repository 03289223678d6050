// Tells a screen reader that the connection changed; only once it has settled, and never the same thing twice.
import { useConnection } from '@pulseboard/client/react';
import { useEffect, useRef, useState } from 'react';
import { useI18n } from '../i18n/i18n';
import { indicator_of } from './indicator';

const settled_ms = 3000;

export function Announcer() {
  const { t } = useI18n();
  const shown = indicator_of(useConnection());
  // That it is live at the beginning is what everybody expects.
  const said = useRef<string>('live');
  const [text, set_text] = useState('');
  useEffect(() => {
    // The banner speaks for itself.
    if (shown === 'connecting' || shown === said.current) return;
    const timer = setTimeout(() => {
      said.current = shown;
      const has_banner = shown === 'offline' || shown === 'stale' || shown === 'paused';
      set_text(has_banner ? '' : `${t('connection.label')}: ${t(`connection.${shown}`)}. ${t(`connection.${shown}_text`)}`);
    }, settled_ms);
    return () => clearTimeout(timer);
  }, [shown, t]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
