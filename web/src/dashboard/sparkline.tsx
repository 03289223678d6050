// The shape of the last days, without numbers: those are in the table. Days without a value are gaps.
import { useId } from 'react';
import { spark_paths } from './spark_paths';

interface SparklineProps {
  values: readonly (number | null)[];
  label: string;
}

export function Sparkline({ values, label }: SparklineProps) {
  const gradient = useId();
  const { line, area, last } = spark_paths(values, { width: 200, height: 40 });
  return (
    <svg className="sparkline" viewBox="0 0 200 40" preserveAspectRatio="none" role="img" aria-label={label}>
      <defs>
        <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="var(--chart-1)" stopOpacity="0.22" />
          <stop offset="1" stopColor="var(--chart-1)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <path d={area} fill={`url(#${gradient})`} />
      <path d={line} className="sparkline__line" />
      {last && <path d={`M${last.x} ${last.y}h0`} className="sparkline__last" />}
    </svg>
  );
}
