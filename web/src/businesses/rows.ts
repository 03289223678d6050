// The list of businesses as far as it is known: an unbroken run of rows from the newest one down, in the server's
// order, and how many there are. Pages of the server and changes that arrive by themselves are merged here.
//
// Pages are numbered from the top, so every business created or deleted elsewhere shifts them. A page is therefore
// asked for so that it begins among the rows that are known: what it says of its range is the truth, and one that
// begins beyond the last known row shows that something is missing in between.
import type { Business } from '@pulseboard/client';
import { matches, type Filter } from './filter';

export const page_limit = 100;

export interface Rows {
  readonly filter: Filter;
  readonly rows: readonly Business[];
  /** null: nothing was answered yet. */
  readonly total: number | null;
  /** Nothing stands after the last row. */
  readonly ended: boolean;
  /** False: something happened that may have changed the total, beyond what is known. */
  readonly counted: boolean;
}

export interface PageRequest {
  readonly page: number;
  readonly limit: number;
}

export interface Page {
  readonly businesses: readonly Business[];
  readonly total: number;
}

export type Change =
  | { readonly type: 'put'; readonly business: Business }
  | { readonly type: 'remove'; readonly id: string };

export const no_rows = (filter: Filter): Rows => ({ filter, rows: [], total: null, ended: false, counted: true });

/** Newest first, then by id: the order of GET /api/businesses. */
export function order(a: Business, b: Business): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

// The index at which `business` stands, or would.
function place(rows: readonly Business[], business: Business): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order(rows[middle]!, business) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The page that holds the row before `at` and as many as possible from there on: limits down to half of the greatest
 * are tried for the one whose page begins closest before.
 */
export function page_at(at: number): PageRequest {
  if (at <= 0) return { page: 1, limit: page_limit };
  let best: PageRequest = { page: 1, limit: page_limit };
  let most = -1;
  for (let limit = page_limit; limit > page_limit / 2; --limit) {
    const page = Math.floor((at - 1) / limit) + 1;
    const beyond = page * limit - at;
    if (beyond > most) [best, most] = [{ page, limit }, beyond];
  }
  return best;
}

export const offset_of = (request: PageRequest) => (request.page - 1) * request.limit;

/** The rows with a page merged into them, or null: rows are missing between what is known and this page. */
export function merge(list: Rows, request: PageRequest, page: Page): Rows | null {
  const first = page.businesses[0];
  const last = page.businesses.at(-1);
  const offset = offset_of(request);
  if (!first || !last) {
    // The list may have become shorter than this offset.
    return offset === 0 ? { ...list, rows: [], total: page.total, ended: true, counted: true } : null;
  }
  const begin = offset === 0 ? 0 : place(list.rows, first);
  if (offset > 0 && begin >= list.rows.length) return null;
  const at_end = offset + page.businesses.length >= page.total;
  const end = at_end ? list.rows.length : place(list.rows, last);
  // So much is new at the top that this page does not reach down to what is known: that is not joined any more.
  const apart = offset === 0 && end === 0 && list.rows[0]?.id !== last.id;
  const ids = new Set(page.businesses.map((each) => each.id));
  const other = (each: Business) => !ids.has(each.id);
  const after = apart ? [] : list.rows.slice(Math.max(begin, end)).filter(other);
  const rows = [...list.rows.slice(0, begin).filter(other), ...page.businesses, ...after];
  const ended = at_end || (list.ended && after.length > 0);
  return settled({ ...list, rows, total: page.total, ended, counted: true });
}

// A list whose end is known is as long as it is; if the server counted otherwise, something is about to arrive.
function settled(list: Rows): Rows {
  if (!list.ended) return { ...list, total: Math.max(list.total ?? 0, list.rows.length) };
  return { ...list, total: list.rows.length, counted: list.counted && list.total === list.rows.length };
}

/** The rows once the server was asked only for their number. `quiet`: nothing happened meanwhile. */
export function recounted(list: Rows, total: number, quiet: boolean): Rows {
  return settled({ ...list, total, counted: quiet });
}

/** The rows after a change. One that is known already changes nothing. */
export function changed(list: Rows, change: Change): Rows {
  if (list.total === null) return list;
  if (change.type === 'remove' || !matches(list.filter, change.business)) return without(list, change);
  const { business } = change;
  const index = list.rows.findIndex((each) => each.id === business.id);
  const rows = index < 0 ? list.rows : [...list.rows.slice(0, index), ...list.rows.slice(index + 1)];
  const at = place(rows, business);
  // Beyond the known rows it comes with its page. Whether it was counted already only the server knows.
  if (index < 0 && at === rows.length && !list.ended) return { ...list, counted: false };
  return {
    ...list,
    rows: [...rows.slice(0, at), business, ...rows.slice(at)],
    total: index < 0 ? list.total + 1 : list.total,
    counted: list.counted && (index >= 0 || list.ended),
  };
}

function without(list: Rows, change: Change): Rows {
  const id = change.type === 'put' ? change.business.id : change.id;
  const rows = list.rows.filter((each) => each.id !== id);
  const gone = list.rows.length - rows.length;
  if (list.ended) return gone === 0 ? list : { ...list, rows, total: list.total! - gone };
  // If it was not among the known rows, it may have stood beyond them; if it was, the last page may have left it out.
  return { ...list, rows, total: Math.max(list.total! - gone, rows.length), counted: false };
}
