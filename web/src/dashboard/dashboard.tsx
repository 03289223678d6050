// The page a tenant keeps open: the four KPIs, the trend, the newest businesses.
import { useBusinesses, useConnection, useKpis } from '@pulseboard/client/react';
import { useSearchParams } from 'react-router-dom';
import { useRefresh } from '../client/use_refresh';
import { useI18n } from '../i18n/i18n';
import { usePageTitle } from '../shell/page_title';
import { Segmented } from '../ui/segmented';
import { LoadProblem } from '../ui/load_problem';
import { period_of, periods, view_of, with_period, with_view, type Period } from './address';
import { KpiTiles, KpiTilesSkeleton } from './kpi_tiles';
import { Newest } from './newest';
import { TrendsCard } from './trends_card';
import { useTrends } from './use_trends';
import './dashboard.css';

const month: Period = 30;

export default function Dashboard() {
  const { t } = useI18n();
  const [search, set_search] = useSearchParams();
  const period = period_of(search);
  const refresh = useRefresh();
  const kpis = useKpis();
  const connection = useConnection();
  const { total } = useBusinesses();
  const trends = useTrends(period);
  const other = useTrends(period === month ? null : month);
  const of_month = period === month ? trends : other;
  usePageTitle(t('dashboard.title'));

  const unreachable = kpis === null && (connection.state === 'stale' || connection.state === 'recovering');
  return (
    <div className="dashboard">
      <div className="page-head">
        <h1>{t('dashboard.title')}</h1>
        <Segmented<`${Period}`>
          label={t('dashboard.period')}
          value={`${period}`}
          onChange={(days) => set_search((now) => with_period(now, Number(days) as Period))}
          choices={periods.map((days) => ({ value: `${days}`, text: t('dashboard.days', { count: days }) }))}
        />
      </div>
      {kpis ? (
        <KpiTiles
          kpis={kpis}
          total={total}
          period={period}
          trends={trends.data}
          month={of_month.data}
          failed={trends.failure !== null}
        />
      ) : unreachable ? (
        <LoadProblem failure={{ kind: 'unreachable' }} retry={refresh} />
      ) : (
        <KpiTilesSkeleton />
      )}
      <TrendsCard
        trends={trends}
        period={period}
        view={view_of(search)}
        show_as={(view) => set_search((now) => with_view(now, view), { replace: true })}
      />
      <Newest />
    </div>
  );
}
