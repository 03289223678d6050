// The newest businesses, in place as they come, change and go; all of them are a page of their own.
import type { Business, Metrics } from '@pulseboard/client';
import { useBusinesses, useKpis } from '@pulseboard/client/react';
import { Link } from 'react-router-dom';
import { BusinessLogo } from '../businesses/business_logo';
import { StatusBadges } from '../businesses/status_badge';
import { useI18n } from '../i18n/i18n';
import { LinkButton } from '../ui/button';
import { Card } from '../ui/card';
import { Message } from '../ui/message';
import { Skeleton } from '../ui/skeleton';
import './newest.css';

const shown_at_most = 6;

function Waiting() {
  return (
    <ul className="newest" aria-hidden="true">
      {Array.from({ length: shown_at_most }, (_, each) => (
        <li key={each} className="newest__row">
          <Skeleton width="40%" height="20px" />
        </li>
      ))}
    </ul>
  );
}

function Row({ business, metrics }: { business: Business; metrics: Metrics | undefined }) {
  const { t } = useI18n();
  return (
    <li className="newest__row">
      <BusinessLogo business={business} />
      <span className="newest__title">
        <Link to={`/businesses/${business.id}`}>{business.name}</Link>
        <span className="newest__category">{business.category}</span>
      </span>
      <span className="newest__counts numbers">
        {metrics && (
          // A new key for new numbers: they light up once.
          <span className="newest__live" key={`${metrics.views_count} ${metrics.messages_count}`}>
            {t('newest.views', { count: metrics.views_count })} ·{' '}
            {t('newest.messages', { count: metrics.messages_count })}
          </span>
        )}
      </span>
      <StatusBadges business={business} />
    </li>
  );
}

export function Newest() {
  const { t } = useI18n();
  const { businesses, total: known, metrics } = useBusinesses();
  const total = known ?? 0;
  const loading = useKpis() === null || known === null;
  const body = () => {
    if (loading) return <Waiting />;
    if (businesses.length === 0)
      return (
        <Message inset title={t('newest.empty')} text={t('newest.empty_text')}>
          <LinkButton look="primary" href="/businesses">
            {t('newest.add')}
          </LinkButton>
        </Message>
      );
    return (
      <ul className="newest">
        {businesses.slice(0, shown_at_most).map((business) => (
          <Row key={business.id} business={business} metrics={metrics.get(business.id)} />
        ))}
      </ul>
    );
  };
  return (
    <Card
      flush
      title={t('newest.title')}
      actions={
        total > 0 && (
          <LinkButton size="small" look="quiet" href="/businesses">
            {t('newest.all', { count: total })}
          </LinkButton>
        )
      }
    >
      {body()}
    </Card>
  );
}
