// A series as SVG paths: a line, broken where there is no value, and the area under it. From zero up.
export interface SparkPaths {
  line: string;
  area: string;
  last: { x: number; y: number } | null;
}

const margin = 3;
const short = (value: number) => Math.round(value * 10) / 10;

export function spark_paths(
  values: readonly (number | null)[],
  { width, height }: { width: number; height: number },
): SparkPaths {
  const most = Math.max(0, ...values.map((each) => each ?? 0));
  const x = (index: number) => short(margin + (index * (width - 2 * margin)) / Math.max(1, values.length - 1));
  const y = (value: number) =>
    short(height - margin - (most === 0 ? 0 : (value / most) * (height - 2 * margin)));

  const runs: { x: number; y: number }[][] = [];
  let run: { x: number; y: number }[] | null = null;
  values.forEach((value, index) => {
    if (value === null) {
      run = null;
      return;
    }
    if (run === null) runs.push((run = []));
    run.push({ x: x(index), y: y(value) });
  });

  const points = (of: { x: number; y: number }[]) => of.map((p) => `${p.x} ${p.y}`).join('L');
  const line = runs.map((each) => `M${points(each)}${each.length === 1 ? 'h0' : ''}`).join('');
  const area = runs
    .filter((each) => each.length > 1)
    .map((each) => `M${each[0]?.x} ${height}L${points(each)}L${each.at(-1)?.x} ${height}Z`)
    .join('');
  return { line, area, last: runs.at(-1)?.at(-1) ?? null };
}
