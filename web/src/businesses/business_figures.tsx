// Funnel and history. Period and view are in the address, as on the dashboard.
import type { Business, Trends } from '@pulseboard/client';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { Resource } from '../client/use_resource';
import { period_of, periods, view_of, with_period, with_view, type Period } from '../dashboard/address';
import { TrendsCard } from '../dashboard/trends_card';
import { useI18n } from '../i18n/i18n';
import { Segmented } from '../ui/segmented';
import { Funnel } from './funnel';
import { sums_of, trends_of } from './history';
import { useHistory } from './use_history';

export function BusinessFigures({ business }: { business: Business }) {
  const { t } = useI18n();
  const [search, set_search] = useSearchParams();
  const period = period_of(search);
  const { history, totals } = useHistory(business.id, period);
  const { data } = history;
  const sums = useMemo(() => (totals ? sums_of(totals) : null), [totals]);
  const trends: Resource<Trends> = useMemo(
    () => ({ ...history, data: data && trends_of(data, period, Date.now()) }),
    [history, data, period],
  );
  return (
    <>
      <Funnel sums={sums} />
      <TrendsCard
        trends={trends}
        period={period}
        view={view_of(search)}
        show_as={(view) => set_search((now) => with_view(now, view), { replace: true })}
        title={t('business.history')}
        file={business.name}
        actions={
          <Segmented<`${Period}`>
            label={t('dashboard.period')}
            value={`${period}`}
            onChange={(days) => set_search((now) => with_period(now, Number(days) as Period), { replace: true })}
            choices={periods.map((days) => ({ value: `${days}`, text: t('dashboard.days', { count: days }) }))}
          />
        }
      />
    </>
  );
}
