// What of the dashboard is in its address: the period and how the trend is shown. What is not understood is the
// default, and the default is not written.
export const periods = [7, 30, 90] as const;
export type Period = (typeof periods)[number];
export const default_period: Period = 30;

export type View = 'chart' | 'table';

export function period_of(search: URLSearchParams): Period {
  const asked = Number(search.get('days'));
  return periods.find((each) => each === asked) ?? default_period;
}

export const view_of = (search: URLSearchParams): View => (search.get('view') === 'table' ? 'table' : 'chart');

function replaced(search: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value === null) next.delete(name);
  else next.set(name, value);
  return next;
}

export const with_period = (search: URLSearchParams, period: Period) =>
  replaced(search, 'days', period === default_period ? null : String(period));

export const with_view = (search: URLSearchParams, view: View) =>
  replaced(search, 'view', view === 'chart' ? null : view);
