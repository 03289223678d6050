// The numbers of the chart, newest day first, with the sums of this period and the one before.
import type { Trends, TrendSums } from '@pulseboard/client';
import { useI18n } from '../i18n/i18n';
import { all_series } from './series';
import './trend_table.css';

function Row({ name, sums, className }: { name: string; sums: TrendSums; className?: string }) {
  const { format } = useI18n();
  return (
    <tr className={className}>
      <th scope="row">{name}</th>
      {all_series.map((each) => (
        <td key={each.name}>{format.number(sums[each.name])}</td>
      ))}
    </tr>
  );
}

export function TrendTable({ trends, label }: { trends: Trends; label: string }) {
  const { t, format } = useI18n();
  return (
    // Scrolls by itself, so a keyboard must be able to reach it.
    <div className="trend-table" tabIndex={0} role="region" aria-label={label}>
      <table className="numbers">
        <thead>
          <tr>
            <th scope="col">{t('trends.day')}</th>
            {all_series.map((each) => (
              <th scope="col" key={each.name}>
                {t(each.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trends.days.toReversed().map((day) => (
            <Row key={day.date} name={format.day(day.date)} sums={day} />
          ))}
        </tbody>
        <tfoot>
          <Row name={t('trends.this_period')} sums={trends.current} />
          <Row name={t('trends.period_before')} sums={trends.previous} className="trend-table__before" />
        </tfoot>
      </table>
    </div>
  );
}
