// The newest businesses, in place as they come, change and go; all of them are a page of their own.
import { useBusinesses, useKpis } from '@pulseboard/client/react';
import { Link } from 'react-router-dom';
import { useI18n } from '../i18n/i18n';
import { LinkButton } from '../ui/button';
import { Card } from '../ui/card';
import { Message } from '../ui/message';
import { Skeleton } from '../ui/skeleton';
import './newest.css';

const shown_at_most = 6;

export function Newest() {
  const { t } = useI18n();
  const { businesses, total, metrics } = useBusinesses();
  const loading = useKpis() === null;
  const body = () => {
    if (loading)
      return (
        <ul className="newest" aria-hidden="true">
          {[0, 1, 2].map((each) => (
            <li key={each} className="newest__row">
              <Skeleton width="40%" height="20px" />
            </li>
          ))}
        </ul>
      );
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
        {businesses.slice(0, shown_at_most).map((business) => {
          const counts = metrics.get(business.id);
          return (
            <li key={business.id} className="newest__row">
              <Link to={`/businesses/${business.id}`}>{business.name}</Link>
              <span className="newest__category">{business.category}</span>
              <span className="newest__counts numbers">
                {counts &&
                  `${t('newest.views', { count: counts.views_count })} · ${t('newest.messages', { count: counts.messages_count })}`}
              </span>
              <span className="status" data-status={business.status}>
                {t(`status.${business.status}`)}
              </span>
            </li>
          );
        })}
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
