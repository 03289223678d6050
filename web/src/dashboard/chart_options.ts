// How uPlot is set up: days in UTC below, counts from zero at the side, no legend of its own.
import type { TrendDay } from '@pulseboard/client';
import uPlot from 'uplot';
import type { Format } from '../i18n/format';
import type { Series } from './series';

export function chart_data(days: readonly TrendDay[], series: readonly Series[]): uPlot.AlignedData {
  const seconds = days.map((day) => Date.parse(day.date) / 1000);
  return [seconds, ...series.map(({ name }) => days.map((day) => day[name]))];
}

// A canvas takes colours, not custom properties: an element resolves them.
function resolver(element: HTMLElement) {
  const probe = document.createElement('span');
  element.append(probe);
  return {
    colour(name: string) {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    },
    font: getComputedStyle(probe).fontFamily,
    done: () => probe.remove(),
  };
}

interface ChartSetup {
  element: HTMLElement;
  series: readonly Series[];
  format: Format;
  point: (index: number | null, left: number) => void;
}

export function chart_options({ element, series, format, point }: ChartSetup): uPlot.Options {
  const resolve = resolver(element);
  const axis: uPlot.Axis = {
    stroke: resolve.colour('--ink-soft'),
    font: `12px ${resolve.font}`,
    grid: { stroke: resolve.colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const iso_day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);
  const options: uPlot.Options = {
    width: element.clientWidth,
    height: element.clientHeight,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
    // At the right, half of the last day's name.
    padding: [8, 26, 0, 0],
    scales: {
      x: { time: true },
      // Room above the highest; a flat zero still has a scale.
      y: { range: (_chart, _low, high) => [0, Math.max(4, (high ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 32,
        space: 72,
        // Whole days only, however wide the chart is.
        incrs: [1, 2, 3, 7, 14, 28].map((days) => days * 86_400),
        values: (_chart, seconds) => seconds.map((each) => format.day(iso_day(each))),
      },
      {
        ...axis,
        size: 48,
        incrs: [1, 2, 5].flatMap((each) => [0, 1, 2, 3, 4, 5, 6, 7, 8].map((power) => each * 10 ** power)).sort((a, b) => a - b),
        values: (_chart, counts) => counts.map((each) => format.compact(each)),
      },
    ],
    series: [
      {},
      ...series.map(({ colour, dash }) => ({
        stroke: resolve.colour(colour),
        width: 2,
        dash: [...dash],
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [({ cursor }) => point(cursor.idx ?? null, cursor.left ?? 0)],
    },
  };
  resolve.done();
  return options;
}
