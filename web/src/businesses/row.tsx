import type { Business, Metrics } from '@pulseboard/client';
import { memo, useEffect, useRef, useState, type CSSProperties } from 'react';
import { Link } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { Skeleton } from '../ui/skeleton';
import { BusinessLogo } from './business_logo';
import { BusinessMenu } from './business_menu';
import { StatusBadges } from './status_badge';
import type { BusinessActions } from './use_actions';

interface RowProps {
  business: Business;
  index: number;
  top: number;
  height: number;
  /** Known a moment after it came into view. */
  metrics: Metrics | undefined;
  actions: BusinessActions;
}

// So that the page's way back leads to this place in the list.
const from_list = { from_list: true };

export const BusinessRow = memo(function BusinessRow({ business, index, top, height, metrics, actions }: RowProps) {
  const { t, format } = useI18n();
  const lit = useLit(metrics);
  return (
    <div
      className="row"
      role="row"
      aria-rowindex={index + 2}
      data-index={index}
      data-id={business.id}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <div role="rowheader" className="row__name">
        <BusinessLogo business={business} />
        <span className="row__title">
          <Link to={`/businesses/${business.id}`} state={from_list} className="row__link">
            {business.name}
          </Link>
          <span className="row__category">{business.category}</span>
        </span>
      </div>
      <div role="cell" className="row__status">
        <StatusBadges business={business} />
      </div>
      <div role="cell" className="row__activity numbers">
        {metrics && (
          <span className="row__live" data-lit={lit || undefined}>
            {t('newest.views', { count: metrics.views_count })} ·{' '}
            {t('newest.messages', { count: metrics.messages_count })}
          </span>
        )}
      </div>
      <div role="cell" className="row__created numbers">
        <time dateTime={business.created_at}>{format.date(business.created_at)}</time>
      </div>
      <div role="cell" className="row__menu">
        <BusinessMenu business={business} actions={actions} with_open />
      </div>
    </div>
  );
});

// True for a moment after the counts have changed; not when they are shown first.
function useLit(metrics: Metrics | undefined): boolean {
  const [lit, set_lit] = useState(false);
  const before = useRef(metrics);
  useEffect(() => {
    const was = before.current;
    before.current = metrics;
    if (!was || !metrics) return;
    if (was.views_count === metrics.views_count && was.messages_count === metrics.messages_count) return;
    set_lit(true);
    const timer = setTimeout(() => set_lit(false), 1500);
    return () => clearTimeout(timer);
  }, [metrics]);
  return lit;
}

export function SkeletonRow({ style }: { style: CSSProperties }) {
  return (
    <div className="row row--skeleton" aria-hidden="true" style={style}>
      <div className="row__name">
        <Skeleton width="36px" height="36px" />
        <span className="row__title">
          <Skeleton width="160px" height="12px" />
          <Skeleton width="90px" height="10px" />
        </span>
      </div>
      <div className="row__status">
        <Skeleton width="84px" height="20px" />
      </div>
      <div className="row__activity" />
      <div className="row__created">
        <Skeleton width="72px" height="12px" />
      </div>
      <div className="row__menu" />
    </div>
  );
}
