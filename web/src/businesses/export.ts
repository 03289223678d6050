// What is shown, as CSV: every business of the filter, also those not yet fetched.
import type { Business, DashboardClient } from '@pulseboard/client';
import type { Translate } from '../i18n/translate';
import { csv, download, file_name, type Cell } from '../csv/csv';
import type { Filter } from './filter';
import { Prefix } from './prefix';
import { fetch_from } from './use_business_list';

export function businesses_csv(businesses: readonly Business[], t: Translate): string {
  const head = [
    t('csv.name'),
    t('csv.category'),
    t('csv.status'),
    t('csv.verified'),
    t('csv.stealth'),
    t('csv.created'),
    t('csv.updated'),
    t('csv.logo'),
    t('csv.id'),
  ];
  const yes = (is: boolean) => t(is ? 'csv.yes' : 'csv.no');
  const row = (each: Business): Cell[] => [
    each.name,
    each.category,
    t(`status.${each.status}`),
    yes(each.is_verified),
    yes(each.stealth_mode_enabled),
    each.created_at,
    each.updated_at,
    each.logo_url,
    each.id,
  ];
  return csv(head, businesses.map(row));
}

/** Gives how many were written. */
export async function export_businesses(client: DashboardClient, filter: Filter, t: Translate): Promise<number> {
  const all = new Prefix(filter, fetch_from(client));
  await all.extend(Infinity);
  download(file_name(t('businesses.title')), businesses_csv(all.rows.rows, t));
  return all.rows.rows.length;
}
