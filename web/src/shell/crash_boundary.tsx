// A bug in one component must not leave an empty page open all day.
import { Component, type ReactNode } from 'react';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Message } from '../ui/message';

function Crashed() {
  const { t } = useI18n();
  return (
    <main>
      <Message title={t('error.crash')} text={t('error.crash_text')} alert>
        <Button onPress={() => location.reload()}>{t('error.reload')}</Button>
      </Message>
    </main>
  );
}

export class CrashBoundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };
  static getDerivedStateFromError() {
    return { crashed: true };
  }
  override render() {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}
