// The four KPIs. A value is the server's figure over all time; the change is this period's against the one before.
import type { Kpis, Trends } from '@pulseboard/client';
import { useI18n } from '../i18n/i18n';
import { Skeleton } from '../ui/skeleton';
import type { Period } from './address';
import { change_of, daily_rates, points_change, response_rate, type Change } from './change';
import { ChangeBadge } from './change_badge';
import { KpiTile } from './kpi_tile';
import { Sparkline } from './sparkline';
import './kpi_tiles.css';

interface KpiTilesProps {
  kpis: Kpis;
  /** Null until it is known. */
  total: number | null;
  period: Period;
  /** Of the chosen period; null until it is there. */
  trends: Trends | null;
  /** Of the last 30 days, for the sparklines. */
  month: Trends | null;
  /** What is missing of these will not come by itself soon. */
  failed: boolean;
}

function Note({ change, period, failed }: { change: Change | null; period: Period; failed: boolean }) {
  const { t } = useI18n();
  if (change === null && failed) return <span className="kpi__against">{t('change.failed')}</span>;
  if (change === null) return <Skeleton width="60%" />;
  if (change.kind === 'unknown') return <span className="kpi__against">{t('change.unknown')}</span>;
  return (
    <>
      <ChangeBadge change={change} up_is="good" />
      <span className="kpi__against">
        {change.kind === 'from_nothing'
          ? t('change.none_before', { count: period })
          : t('change.against', { count: period })}
      </span>
    </>
  );
}

// Active businesses have no history: what is said is how many of all they are.
function Share({ active, total }: { active: number; total: number | null }) {
  const part = total ? Math.min(1, active / total) : 0;
  return (
    <span className="kpi__share" aria-hidden="true">
      <span style={{ width: `${part * 100}%` }} />
    </span>
  );
}

export function KpiTiles({ kpis, total, period, trends, month, failed }: KpiTilesProps) {
  const { t, format } = useI18n();
  const change = (count: 'views' | 'messages') => trends && change_of(trends.current[count], trends.previous[count]);
  const rate_change = trends && points_change(response_rate(trends.current), response_rate(trends.previous));
  const spark = (values: readonly (number | null)[] | undefined, label: string) =>
    values ? <Sparkline values={values} label={t('kpi.sparkline', { label })} /> : !failed && <Skeleton height="100%" />;
  return (
    <dl className="kpis" aria-label={t('kpi.title')}>
      <KpiTile
        name="activeBusinesses"
        label={t('kpi.active')}
        value={kpis.activeBusinesses}
        format={format.number}
        note={
          total === null ? (
            <Skeleton width="60%" />
          ) : (
            <span className="kpi__against">{t('kpi.of_total', { count: total })}</span>
          )
        }
        figure={<Share active={kpis.activeBusinesses} total={total} />}
      />
      <KpiTile
        name="responseRate"
        label={t('kpi.response_rate')}
        value={kpis.responseRate}
        format={format.percent}
        decimals={1}
        note={<Note change={rate_change} period={period} failed={failed} />}
        figure={spark(month ? daily_rates(month.days) : undefined, t('kpi.response_rate'))}
      />
      <KpiTile
        name="landlordViews"
        label={t('kpi.views')}
        value={kpis.landlordViews}
        format={format.number}
        note={<Note change={change('views')} period={period} failed={failed} />}
        figure={spark(month?.days.map((day) => day.views), t('kpi.views'))}
      />
      <KpiTile
        name="messagesTotal"
        label={t('kpi.messages')}
        value={kpis.messagesTotal}
        format={format.number}
        note={<Note change={change('messages')} period={period} failed={failed} />}
        figure={spark(month?.days.map((day) => day.messages), t('kpi.messages'))}
      />
    </dl>
  );
}

export function KpiTilesSkeleton() {
  return (
    <div className="kpis" aria-hidden="true">
      {[0, 1, 2, 3].map((each) => (
        <div className="kpi" key={each}>
          <span className="kpi__label"><Skeleton width="45%" /></span>
          <span className="kpi__value"><Skeleton width="60%" height="1em" /></span>
          <span className="kpi__note"><Skeleton width="70%" /></span>
          <span className="kpi__figure"><Skeleton height="100%" /></span>
        </div>
      ))}
    </div>
  );
}
