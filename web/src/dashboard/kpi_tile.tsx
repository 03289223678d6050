import type { ReactNode } from 'react';
import { AnimatedNumber } from './animated_number';

interface KpiTileProps {
  name: string;
  label: string;
  value: number;
  format: (value: number) => string;
  decimals?: number;
  /** Under the value: a change, or what else is true of it. */
  note: ReactNode;
  /** The shape of the last days. */
  figure?: ReactNode;
}

export function KpiTile({ name, label, value, format, decimals = 0, note, figure }: KpiTileProps) {
  return (
    <div className="kpi" data-kpi={name}>
      <dt className="kpi__label">{label}</dt>
      <dd className="kpi__value">
        <AnimatedNumber value={value} format={format} decimals={decimals} />
      </dd>
      <dd className="kpi__note">{note}</dd>
      {figure && <dd className="kpi__figure">{figure}</dd>}
    </div>
  );
}
