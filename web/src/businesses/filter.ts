// Which businesses are shown. It lives in the URL (`?q=…&status=…`), so that a link and the back button keep it.
import type { Business, BusinessStatus } from '@pulseboard/client';

export interface Filter {
  search: string;
  status: BusinessStatus | '';
}

export const statuses: readonly BusinessStatus[] = ['active', 'pending_verification', 'stealth_mode'];
export const no_filter: Filter = { search: '', status: '' };

export const is_filtered = (filter: Filter) => filter.search !== '' || filter.status !== '';
export const same_filter = (a: Filter, b: Filter) => a.search === b.search && a.status === b.status;

export function filter_of(params: URLSearchParams): Filter {
  const status = params.get('status') ?? '';
  return {
    search: (params.get('q') ?? '').trim(),
    status: statuses.find((each) => each === status) ?? '',
  };
}

/** `params` with this filter; what else they say stays. */
export function with_filter(params: URLSearchParams, filter: Filter): URLSearchParams {
  const next = new URLSearchParams(params);
  const put = (name: string, value: string) => (value ? next.set(name, value) : next.delete(name));
  put('q', filter.search.trim());
  put('status', filter.status);
  return next;
}

// As the server compares names: ß is ss, İ is i with a dot.
const folded = (text: string) => text.toUpperCase().toLowerCase();

/** What GET /api/businesses would say of a business that arrives by itself. */
export function matches(filter: Filter, business: Business): boolean {
  if (filter.status && business.status !== filter.status) return false;
  return filter.search === '' || folded(business.name).includes(folded(filter.search));
}
