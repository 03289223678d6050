import type { Series } from './series';

/** A piece of the line, as it is drawn in the chart. */
export function Swatch({ series }: { series: Series }) {
  return (
    <svg className="swatch" width="18" height="8" viewBox="0 0 18 8" aria-hidden="true" focusable="false">
      <path
        d="M1 4h16"
        style={{ stroke: `var(${series.colour})` }}
        strokeWidth="2.5"
        strokeDasharray={series.dash.join(' ') || undefined}
      />
    </svg>
  );
}
