// The numbers of the day under the pointer. The table has them for everybody else.
import type { TrendDay } from '@pulseboard/client';
import { useI18n } from '../i18n/i18n';
import { Swatch } from './swatch';
import type { Series } from './series';

interface TrendReadoutProps {
  day: TrendDay;
  series: readonly Series[];
  left: number;
  width: number;
}

export function TrendReadout({ day, series, left, width }: TrendReadoutProps) {
  const { t, format } = useI18n();
  // Beside the pointer, on the side where there is room.
  const side = left > width / 2 ? { right: width - left - 36 } : { left: left + 64 };
  return (
    <div className="readout" style={side} aria-hidden="true">
      <strong>{format.long_day(day.date)}</strong>
      {series.map((each) => (
        <div key={each.name} className="readout__line">
          <Swatch series={each} />
          <span>{t(each.label)}</span>
          <b className="numbers">{format.number(day[each.name])}</b>
        </div>
      ))}
    </div>
  );
}
