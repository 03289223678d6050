// What is shown, and how what arrives is merged into it, by version. Plain functions: the same data and payload
// give the same result, and what did not change stays the same object.
import type { Business, DashboardEventMap, Kpis, Metrics, ServerEventMap, TenantState } from './types.js';

export interface Data {
  readonly kpis: Kpis | null;
  readonly businesses: readonly Business[];
  readonly total: number | null;
  readonly metrics: ReadonlyMap<string, Metrics>;
  readonly version: number | null;
  /** The highest version this connection has brought; null: none yet. */
  readonly heard: number | null;
  /** Up to where the list of businesses is complete. */
  readonly listed: number;
}

export const no_data: Data = {
  kpis: null,
  businesses: [],
  total: null,
  metrics: new Map(),
  version: null,
  heard: null,
  listed: -1,
};

/** What came of a payload. `missed`: something before it did not arrive; `unexplained`: perhaps so. */
export interface Merged {
  readonly data: Data;
  readonly taken: boolean;
  readonly missed: boolean;
  readonly unexplained: boolean;
}

const first_page = 20;
/** What is created live makes the list longer, but not without end. */
const longest_list = 100;

type Flat = object & { readonly [Name in string]?: unknown };

/** `before` if nothing in it differs. */
export function same_or<T extends object>(before: T | null | undefined, after: T): T {
  if (!before) return after;
  const names = Object.keys(after);
  if (names.length !== Object.keys(before).length) return after;
  return names.every((name) => (before as Flat)[name] === (after as Flat)[name]) ? before : after;
}

function merge_list(before: readonly Business[], after: readonly Business[]): readonly Business[] {
  const known = new Map(before.map((each) => [each.id, each]));
  const merged = after.map((each) => same_or(known.get(each.id), each));
  return merged.length === before.length && merged.every((each, index) => each === before[index])
    ? before
    : merged;
}

/** A new connection begins. What it brings is newer than all before, unless it recovers the old one. */
export const on_new_connection = (data: Data, recovered: boolean): Data =>
  recovered ? data : { ...data, heard: null };

/** A state without a version, from REST: shown until the socket says more. */
export function show_state(data: Data, state: Partial<TenantState>): Data {
  return {
    ...data,
    kpis: state.kpis ? same_or(data.kpis, state.kpis) : data.kpis,
    businesses: state.businesses ? merge_list(data.businesses, state.businesses) : data.businesses,
    total: state.total ?? data.total,
  };
}

function take_state(data: Data, state: ServerEventMap['reconnected']): Merged {
  const { version } = state;
  // Asked for and answered on this connection, and yet below what was shown before it: this is another history (the
  // database was restored, or somebody else is signed in). Nothing of the old one may stay.
  const [before, after] = [data.businesses[0], state.businesses[0]];
  const older = data.version !== null && version < data.version;
  const other = (data.heard === null && older) || (before && after && before.user_id !== after.user_id);
  if (older && !other) return { data, taken: false, missed: true, unexplained: false };
  const base = other ? no_data : data;
  const shown = show_state(base, state);
  return {
    data: { ...shown, version, heard: version, listed: version },
    taken: true,
    missed: false,
    unexplained: false,
  };
}

function put(data: Data, business: Business, created: boolean): Data {
  const index = data.businesses.findIndex((each) => each.id === business.id);
  if (index >= 0) {
    const merged = same_or(data.businesses[index], business);
    return merged === data.businesses[index]
      ? data
      : { ...data, businesses: data.businesses.map((each, at) => (at === index ? merged : each)) };
  }
  // An old one, beyond the newest.
  if (!created || data.total === null) return data;
  return {
    ...data,
    businesses: [business, ...data.businesses].slice(0, longest_list),
    total: data.total + 1,
  };
}

function remove(data: Data, id: string): Data {
  if (data.total === null) return data;
  const businesses = data.businesses.filter((each) => each.id !== id);
  const metrics = new Map(data.metrics);
  metrics.delete(id);
  return {
    ...data,
    businesses: businesses.length === data.businesses.length ? data.businesses : businesses,
    total: Math.max(businesses.length, data.total - 1),
    metrics: metrics.size === data.metrics.size ? data.metrics : metrics,
  };
}

function put_metrics(data: Data, id: string, metrics: Metrics): Data {
  const before = data.metrics.get(id);
  const after = same_or(before, metrics);
  return after === before ? data : { ...data, metrics: new Map(data.metrics).set(id, after) };
}

export type DataEvent = Exclude<keyof DashboardEventMap, 'state' | 'auth:expiring'>;
export const data_events: readonly DataEvent[] = [
  'kpi:update',
  'business:created',
  'business:updated',
  'business:deleted',
  'metrics:updated',
  'reconnected',
];

/** The row of the list is gone from its end: the server has the next one. */
const has_hole = (data: Data): boolean =>
  data.total !== null && data.businesses.length < Math.min(first_page, data.total);

export function merge<E extends DataEvent>(data: Data, event: E, payload: ServerEventMap[E]): Merged {
  const { version } = payload;
  if (event === 'reconnected') return take_state(data, payload as ServerEventMap['reconnected']);
  const dropped: Merged = { data, taken: false, missed: false, unexplained: false };
  if (data.version !== null && version < data.version) return dropped;
  const stamped: Data = { ...data, version, heard: version };
  // Every change has a version of its own. Several metrics of one business are told as one, so those may leave some
  // out; anything else that does is preceded or followed by metrics, or something was missed.
  const jumps = data.total !== null && data.version !== null && version > data.version + 1;
  const done = (after: Data): Merged => ({
    data: after,
    taken: true,
    missed: has_hole(after) && !has_hole(data),
    unexplained: jumps && event !== 'metrics:updated',
  });
  switch (event) {
    case 'kpi:update':
      return done({ ...stamped, kpis: same_or(data.kpis, (payload as ServerEventMap['kpi:update']).kpis) });
    case 'metrics:updated': {
      const { businessId, metrics } = payload as ServerEventMap['metrics:updated'];
      return done(put_metrics(stamped, businessId, metrics));
    }
    default: {
      // Each of these has its own version: the same again is in the list already.
      if (version <= data.listed) return dropped;
      const listed = { ...stamped, listed: version };
      if (event === 'business:deleted')
        return done(remove(listed, (payload as ServerEventMap['business:deleted']).businessId));
      const { business } = payload as ServerEventMap['business:created'];
      return done(put(listed, business, event === 'business:created'));
    }
  }
}

/** The server's word is not taken for its shape: what is not as the contract has it is not merged. */
export function is_payload(event: DataEvent, payload: unknown): boolean {
  if (typeof payload !== 'object' || payload === null) return false;
  const given = payload as Flat;
  const has = (name: string) => typeof given[name] === 'object' && given[name] !== null;
  if (!Number.isSafeInteger(given['version'])) return false;
  switch (event) {
    case 'kpi:update':
      return has('kpis');
    case 'metrics:updated':
      return has('metrics') && typeof given['businessId'] === 'string';
    case 'business:deleted':
      return typeof given['businessId'] === 'string';
    case 'reconnected':
      return has('kpis') && Array.isArray(given['businesses']) && typeof given['total'] === 'number';
    default:
      return has('business');
  }
}
