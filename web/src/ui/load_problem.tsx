import type { Failure } from '../client/failure';
import { useI18n } from '../i18n/i18n';
import { Button } from './button';
import { Message } from './message';

/** In place of what could not be loaded. */
export function LoadProblem({ failure, retry }: { failure: Failure; retry: () => void }) {
  const { t } = useI18n();
  const text = failure.kind === 'unreachable' ? t('error.unreachable') : t('error.text');
  return (
    <Message inset alert title={t('error.title')} text={text}>
      <Button onPress={retry}>{t('error.retry')}</Button>
    </Message>
  );
}
