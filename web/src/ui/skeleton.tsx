// Grey shapes of what is coming, in its place and size, so that nothing moves when it arrives.
import { useI18n } from '../i18n/i18n';
import './skeleton.css';

export function Skeleton({ width = '100%', height = '1em' }: { width?: string; height?: string }) {
  return <span className="skeleton" style={{ width, height }} aria-hidden="true" />;
}

export function PageSkeleton() {
  const { t } = useI18n();
  return (
    <div className="page-skeleton" role="status">
      <span className="visually-hidden">{t('session.checking')}</span>
      <Skeleton width="180px" height="28px" />
      <Skeleton height="120px" />
      <Skeleton height="320px" />
    </div>
  );
}
