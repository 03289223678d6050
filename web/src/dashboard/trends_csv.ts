import type { Trends } from '@pulseboard/client';
import { csv } from '../csv/csv';
import type { Translate } from '../i18n/translate';
import { all_series } from './series';

/** The table of the trend: a day a line, the newest first. */
export function trends_csv(trends: Trends, t: Translate): string {
  const head = [t('trends.day'), ...all_series.map((each) => t(each.label))];
  const row = (day: Trends['days'][number]) => [day.date, ...all_series.map((each) => day[each.name])];
  return csv(head, trends.days.map(row).reverse());
}
