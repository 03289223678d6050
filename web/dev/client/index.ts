// Stands in for @pulseboard/client until that is there: the same shape, no state machine.
import { io, type Socket } from 'socket.io-client';

export interface Kpis {
  activeBusinesses: number;
  responseRate: number;
  landlordViews: number;
  messagesTotal: number;
}
export type BusinessStatus = 'active' | 'pending_verification' | 'stealth_mode';
export interface Business {
  id: string;
  user_id: string;
  name: string;
  logo_url: string | null;
  category: string;
  status: BusinessStatus;
  is_verified: boolean;
  stealth_mode_enabled: boolean;
  created_at: string;
  updated_at: string;
}
export interface Metrics {
  views_count: number;
  clicks_count: number;
  property_invites_count: number;
  declined_count: number;
  messages_count: number;
  qfps_submitted_count: number;
}
export interface TrendSums {
  views: number;
  clicks: number;
  invites: number;
  declined: number;
  messages: number;
  qfps: number;
}
export interface TrendDay extends TrendSums {
  date: string;
}
export interface Trends {
  days: TrendDay[];
  previous: TrendSums;
  current: TrendSums;
}
export interface User {
  id: string;
  email: string;
  role: string;
}
export interface NewBusiness {
  name: string;
  category: string;
  logo_url?: string | null;
  status?: BusinessStatus;
}
export type ConnectionState = 'connecting' | 'live' | 'recovering' | 'polling' | 'stale' | 'unauthorised' | 'closed';
export interface Connection {
  state: ConnectionState;
  since: number;
  attempt: number;
  nextAttemptAt: number | null;
  online: boolean;
  paused: boolean;
  transport: string | null;
  lastUpdateAt: number | null;
  error: Error | null;
}
export interface Snapshot {
  connection: Connection;
  kpis: Kpis | null;
  businesses: readonly Business[];
  total: number;
  metrics: ReadonlyMap<string, Metrics>;
  version: number;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: { field: string; message: string }[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

function make_api(url: string) {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(url + path, {
        method,
        credentials: 'include',
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, 'NETWORK', 'no answer');
    }
    const json = (await answer.json().catch(() => null)) as {
      data: T;
      error?: { code: string; message: string; details?: { field: string; message: string }[] };
    } | null;
    if (answer.ok && json) return json.data;
    const wait = Number(answer.headers.get('retry-after'));
    throw new ApiError(answer.status, json?.error?.code ?? 'INTERNAL_ERROR', json?.error?.message ?? '',
      json?.error?.details, wait || null);
  }
  const one = async (p: Promise<{ business: Business }>) => (await p).business;
  return {
    login: (credentials: { email: string; password: string }) =>
      call<{ user: User; expiresAt: string }>('POST', '/api/auth/login', credentials),
    logout: () => call<object>('POST', '/api/auth/logout', {}),
    me: async () => (await call<{ user: User }>('GET', '/api/auth/me')).user,
    tenant: () => call<{ kpis: Kpis; businesses: Business[]; total: number }>('GET', '/api/dashboard/tenant'),
    kpis: () => call<Kpis>('GET', '/api/dashboard/tenant/kpis'),
    trends: (days: number) => call<Trends>('GET', `/api/dashboard/tenant/trends?days=${days}`),
    businesses: (query: { page?: number; limit?: number; status?: BusinessStatus; search?: string } = {}) => {
      const text = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') text.set(name, String(value));
      return call<{ businesses: Business[]; total: number; page: number; limit: number; hasMore: boolean }>(
        'GET', `/api/businesses?${text}`);
    },
    business: (id: string) => one(call('GET', `/api/businesses/${id}`)),
    createBusiness: (fields: NewBusiness) => one(call('POST', '/api/businesses', fields)),
    updateBusiness: (id: string, fields: Partial<NewBusiness & { stealth_mode_enabled: boolean }>) =>
      one(call('PATCH', `/api/businesses/${id}`, fields)),
    deleteBusiness: (id: string) => call<{ businessId: string }>('DELETE', `/api/businesses/${id}`),
    metrics: (id: string, days: number) =>
      call<{ totals: Metrics; history: ({ date: string } & Metrics)[] }>('GET', `/api/businesses/${id}/metrics?days=${days}`),
  };
}

export interface Events {
  reconnected: { kpis: Kpis; businesses: Business[]; total: number; version: number; timestamp: string };
  'kpi:update': { kpis: Kpis; version: number; timestamp: string };
  'business:created': { business: Business; version: number; timestamp: string };
  'business:updated': { business: Business; version: number; timestamp: string };
  'business:deleted': { businessId: string; version: number; timestamp: string };
  'metrics:updated': { businessId: string; metrics: Metrics; version: number; timestamp: string };
}

export function createDashboardClient({ url = '' }: { url?: string; getToken?: () => string | Promise<string> } = {}) {
  let snapshot: Snapshot = {
    connection: {
      state: 'closed', since: Date.now(), attempt: 0, nextAttemptAt: null, online: navigator.onLine,
      paused: false, transport: null, lastUpdateAt: null, error: null,
    },
    kpis: null, businesses: [], total: 0, metrics: new Map(), version: 0,
  };
  const listeners = new Set<() => void>();
  const handlers = new Map<string, Set<(payload: never) => void>>();
  let socket: Socket | null = null;
  const change = (part: Partial<Snapshot>, connection: Partial<Connection> = {}) => {
    snapshot = { ...snapshot, ...part, connection: { ...snapshot.connection, ...connection } };
    for (const each of listeners) each();
  };
  const fresh = () => ({ lastUpdateAt: Date.now() });
  const api = make_api(url);
  return {
    api,
    connect() {
      socket = io(`${url}/dashboard`, { withCredentials: true });
      change({}, { state: 'connecting', since: Date.now() });
      socket.on('connect', () => {
        change({}, { state: 'live', since: Date.now(), attempt: 0, transport: 'websocket' });
        socket?.emit('request:current-state', (state: Snapshot) =>
          change({ kpis: state.kpis, businesses: state.businesses, total: state.total }, fresh()));
      });
      socket.on('disconnect', () => change({}, { state: 'recovering', since: Date.now() }));
      socket.on('connect_error', () => change({}, { state: 'recovering', attempt: snapshot.connection.attempt + 1 }));
      socket.onAny((name: string, received: unknown) => {
        const payload = received as never;
        if (snapshot.connection.paused) return;
        const event = payload as { kpis?: Kpis; business?: Business; businessId?: string; metrics?: Metrics };
        if (name === 'kpi:update' && event.kpis) change({ kpis: event.kpis }, fresh());
        if (name === 'business:created' && event.business)
          change({ businesses: [event.business, ...snapshot.businesses], total: snapshot.total + 1 }, fresh());
        if (name === 'business:updated' && event.business) {
          const next = event.business;
          change({ businesses: snapshot.businesses.map((b) => (b.id === next.id ? next : b)) }, fresh());
        }
        if (name === 'business:deleted')
          change({ businesses: snapshot.businesses.filter((b) => b.id !== event.businessId), total: snapshot.total - 1 }, fresh());
        if (name === 'metrics:updated' && event.metrics && event.businessId)
          change({ metrics: new Map(snapshot.metrics).set(event.businessId, event.metrics) }, fresh());
        for (const each of handlers.get(name) ?? []) each(payload);
      });
    },
    close() {
      socket?.disconnect();
      change({}, { state: 'closed' });
    },
    pause: () => change({}, { paused: true }),
    resume() {
      change({}, { paused: false });
      void this.refresh();
    },
    async refresh() {
      const state = await api.tenant();
      change(state, fresh());
    },
    getSnapshot: () => snapshot,
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    on<Name extends keyof Events>(name: Name, handler: (payload: Events[Name]) => void) {
      const of_name = handlers.get(name) ?? new Set();
      of_name.add(handler as (payload: never) => void);
      handlers.set(name, of_name);
      return () => void of_name.delete(handler as (payload: never) => void);
    },
  };
}
export type DashboardClient = ReturnType<typeof createDashboardClient>;
