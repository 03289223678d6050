import { useEffect, useState } from 'react';
import type { Failure } from '../client/failure';
import { useI18n } from '../i18n/i18n';
import { WarningIcon } from '../ui/icons';

// A screen reader hears the waiting time once; only the eye gets a new one every second.
function Waiting({ seconds }: { seconds: number }) {
  const { t } = useI18n();
  const [left, set_left] = useState(seconds);
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => set_left(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 250);
    return () => clearInterval(timer);
  }, [seconds]);
  if (left === 0) return <span>{t('signin.limited_over')}</span>;
  return (
    <>
      <span className="visually-hidden">{t('signin.limited', { count: seconds })}</span>
      <span className="numbers" aria-hidden="true">
        {t('signin.limited', { count: left })}
      </span>
    </>
  );
}

export function SignInProblem({ failure }: { failure: Failure }) {
  const { t } = useI18n();
  const text = () => {
    switch (failure.kind) {
      case 'unauthorised':
      case 'invalid':
        return t('signin.wrong');
      case 'limited':
        return <Waiting seconds={failure.seconds} />;
      case 'unavailable':
        return t('signin.unavailable');
      case 'unreachable':
        return t('signin.offline');
      case 'forbidden':
      case 'not_found':
      case 'unexpected':
        return t('signin.failed');
    }
  };
  return (
    <p className="notice notice--bad" role="alert">
      <WarningIcon />
      <span>{text()}</span>
    </p>
  );
}
