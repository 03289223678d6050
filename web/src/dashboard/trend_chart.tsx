// The trend as lines. uPlot draws; this gives it the size of its place, the theme's colours and the new numbers.
import type { TrendDay } from '@pulseboard/client';
import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useI18n } from '../i18n/i18n';
import { useTheme } from '../theme/theme';
import { chart_data, chart_options } from './chart_options';
import type { Series } from './series';
import { TrendReadout } from './trend_readout';
import './trend_chart.css';

interface TrendChartProps {
  days: readonly TrendDay[];
  series: readonly Series[];
  label: string;
}

export interface Pointed {
  index: number;
  left: number;
}

export function TrendChart({ days, series, label }: TrendChartProps) {
  const { format } = useI18n();
  const { painted } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const shown = useRef({ days, series });
  shown.current = { days, series };
  const [pointed, set_pointed] = useState<Pointed | null>(null);
  const names = series.map((each) => each.name).join();

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      chart_options({
        element,
        series: shown.current.series,
        format,
        point: (index, left) => set_pointed(index === null ? null : { index, left }),
      }),
      chart_data(shown.current.days, shown.current.series),
      element,
    );
    chart.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
      chart.current = null;
    };
    // Colours are read when the chart is made: it is made again for another theme.
  }, [names, format, painted]);

  useEffect(() => {
    chart.current?.setData(chart_data(days, shown.current.series));
  }, [days]);

  const day = pointed === null ? undefined : days[pointed.index];
  return (
    <div className="trend-chart">
      <div className="trend-chart__plot" ref={place} role="img" aria-label={label} />
      {day && pointed && (
        <TrendReadout day={day} series={series} left={pointed.left} width={place.current?.clientWidth ?? 0} />
      )}
    </div>
  );
}
