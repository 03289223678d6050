import type { Trends } from '@pulseboard/client';
import { useMemo, useState, type ReactNode } from 'react';
import type { Resource } from '../client/use_resource';
import { download, file_name } from '../csv/csv';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Card } from '../ui/card';
import { DownloadIcon } from '../ui/icons';
import { LoadProblem } from '../ui/load_problem';
import { Segmented } from '../ui/segmented';
import { Skeleton } from '../ui/skeleton';
import type { Period, View } from './address';
import { all_series, shown_at_first, type SeriesName } from './series';
import { SeriesToggles } from './series_toggles';
import { TrendChart } from './trend_chart';
import { TrendTable } from './trend_table';
import { trends_csv } from './trends_csv';
import './trends_card.css';

interface TrendsCardProps {
  trends: Resource<Trends>;
  period: Period;
  view: View;
  show_as: (view: View) => void;
  /** By default: Trend. */
  title?: string;
  /** What the exported file is called; the card's title by default. */
  file?: string;
  /** Before the card's own. */
  actions?: ReactNode;
}

export function TrendsCard({ trends, period, view, show_as, title, file, actions }: TrendsCardProps) {
  const { t, format } = useI18n();
  const name = title ?? t('trends.title');
  const [shown, set_shown] = useState<ReadonlySet<SeriesName>>(() => new Set(shown_at_first));
  const series = useMemo(() => all_series.filter((each) => shown.has(each.name)), [shown]);
  const { data, failure, loading, reload } = trends;

  const label = () => {
    const first = data?.days[0]?.date ?? '';
    const last = data?.days.at(-1)?.date ?? '';
    const sums = series.map((each) => `${t(each.label)} ${format.number(data?.current[each.name] ?? 0)}`).join(', ');
    return t('trends.chart_label', { from: format.day(first), to: format.day(last), sums });
  };
  const body = () => {
    if (data === null)
      return failure ? (
        <LoadProblem failure={failure} retry={reload} />
      ) : (
        <div className="trends__waiting">
          <Skeleton height="100%" />
        </div>
      );
    return (
      <>
        <SeriesToggles trends={data} shown={shown} show={set_shown} />
        {view === 'chart' ? (
          <TrendChart days={data.days} series={series} label={label()} />
        ) : (
          <TrendTable trends={data} label={t('trends.table_label', { count: period })} />
        )}
        {failure && !loading && (
          <p className="trends__old" role="status">
            {t('trends.old')}
          </p>
        )}
      </>
    );
  };
  return (
    <Card
      className="trends"
      title={name}
      actions={
        <>
          {actions}
          {data && (
            <Button
              size="small"
              look="quiet"
              onPress={() => download(file_name(file ?? name), trends_csv(data, t))}
            >
              <DownloadIcon />
              {t('businesses.export')}
            </Button>
          )}
          <Segmented<View>
            label={t('trends.shown_as')}
            value={view}
            onChange={show_as}
            choices={[
              { value: 'chart', text: t('trends.chart') },
              { value: 'table', text: t('trends.table') },
            ]}
          />
        </>
      }
    >
      {body()}
    </Card>
  );
}
