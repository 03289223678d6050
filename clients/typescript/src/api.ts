// The REST API, typed. What fails is an ApiError. An answer 401 is followed by one renewal and one more try.
import { ApiError, is_unauthorised, type FieldProblem } from './api_error.js';
import type { Clock } from './surroundings.js';
import type { Business, BusinessStatus, Kpis, Metrics, TenantState, Trends, User } from './types.js';

export interface NewBusiness {
  name: string;
  category: string;
  logo_url?: string | null;
  status?: BusinessStatus;
}

export type BusinessPatch = Partial<NewBusiness & { stealth_mode_enabled: boolean }>;

export interface BusinessQuery {
  page?: number;
  /** 1 to 100. */
  limit?: number;
  status?: BusinessStatus;
  /** A part of the name. */
  search?: string;
}

export interface BusinessPage {
  businesses: Business[];
  total: number;
  page: number;
  limit: number;
  hasMore: boolean;
}

export interface BusinessMetrics {
  /** Of all time. */
  totals: Metrics;
  /** The days with data, newest first. */
  history: ({ date: string } & Metrics)[];
}

export interface SignedIn {
  user: User;
  expiresAt: string;
}

export interface DashboardApi {
  login(credentials: { email: string; password: string }): Promise<SignedIn>;
  /** Ends the session everywhere, and closes the client. */
  logout(): Promise<void>;
  me(): Promise<User>;
  tenant(): Promise<TenantState>;
  kpis(): Promise<Kpis>;
  trends(days: number): Promise<Trends>;
  businesses(query?: BusinessQuery): Promise<BusinessPage>;
  business(id: string): Promise<Business>;
  createBusiness(fields: NewBusiness): Promise<Business>;
  updateBusiness(id: string, patch: BusinessPatch): Promise<Business>;
  deleteBusiness(id: string): Promise<{ businessId: string }>;
  metrics(id: string, days: number): Promise<BusinessMetrics>;
}

export interface RequestOptions {
  url: string;
  fetch: typeof fetch;
  clock: Clock;
  /** The token to show; null where a cookie does it. */
  token: () => Promise<string | null>;
}

type Body = object | undefined;
export type Request = <T>(method: string, path: string, body?: Body) => Promise<T>;

interface Envelope<T> {
  success: boolean;
  data: T;
  error?: { code?: string; message?: string; details?: FieldProblem[] };
}

// A request that nobody answers ends: everything that waits for one goes on.
const patience = 20_000;

/** One request, as it is: without renewal. */
export function make_request({ url, fetch, clock, token }: RequestOptions): Request {
  return async function request<T>(method: string, path: string, body?: Body): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' };
    const shown = await token();
    if (shown !== null) headers['authorization'] = `Bearer ${shown}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const abort = new AbortController();
    const in_time = clock.after(patience, () => abort.abort());
    try {
      const answer = await fetch(url + path, {
        method,
        headers,
        credentials: 'include',
        signal: abort.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const envelope = (await answer.json().catch(() => null)) as Envelope<T> | null;
      if (answer.ok && envelope?.success) return envelope.data;
      throw failure(answer, envelope);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError(0, 'NETWORK', 'The server cannot be reached');
    } finally {
      in_time();
    }
  };
}

function failure(answer: Response, envelope: Envelope<unknown> | null): ApiError {
  // Something in between answered with a page of its own.
  if (answer.ok) return new ApiError(0, 'NETWORK', 'The answer cannot be read');
  const { code = 'INTERNAL_ERROR', message = '', details = [] } = envelope?.error ?? {};
  const wait = answer.headers.get('retry-after');
  return new ApiError(
    answer.status,
    code,
    message || `HTTP ${answer.status}`,
    details,
    wait ? Number(wait) || null : null,
  );
}

export interface ApiEvents {
  /** Gives a new token; rejects if there is none to be had. */
  renew: () => Promise<void>;
  signed_in: () => void;
  /** What is done while signing out; `signed_out` once it is. */
  leaving: (left: Promise<boolean>) => void;
  changed: () => void;
}

const query_text = (query: BusinessQuery): string => {
  const text = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') text.set(name, String(value));
  return `${text}` === '' ? '' : `?${text}`;
};

export function make_api(request: Request, events: ApiEvents): DashboardApi {
  const call: Request = async (method, path, body) => {
    try {
      return await request(method, path, body);
    } catch (error) {
      if (!is_unauthorised(error)) throw error;
      const refusal = error;
      await events.renew().catch((why: unknown) => {
        throw is_unauthorised(why) ? refusal : why;
      });
      return await request(method, path, body);
    }
  };
  const change: Request = async (method, path, body) => {
    const answer = await call<never>(method, path, body);
    events.changed();
    return answer;
  };
  const of = (id: string) => `/api/businesses/${encodeURIComponent(id)}`;
  const business_in = async (answer: Promise<{ business: Business }>) => (await answer).business;
  return {
    async login(credentials) {
      const answer = await request<SignedIn>('POST', '/api/auth/login', credentials);
      events.signed_in();
      return answer;
    },
    async logout() {
      const done = request<object>('POST', '/api/auth/logout', {});
      events.leaving(
        done.then(
          () => true,
          () => false,
        ),
      );
      await done;
    },
    me: async () => (await call<{ user: User }>('GET', '/api/auth/me')).user,
    tenant: () => call('GET', '/api/dashboard/tenant'),
    kpis: () => call('GET', '/api/dashboard/tenant/kpis'),
    trends: (days) => call('GET', `/api/dashboard/tenant/trends?days=${days}`),
    businesses: (query = {}) => call('GET', `/api/businesses${query_text(query)}`),
    business: (id) => business_in(call('GET', of(id))),
    createBusiness: (fields) => business_in(change('POST', '/api/businesses', fields)),
    updateBusiness: (id, patch) => business_in(change('PATCH', of(id), patch)),
    deleteBusiness: (id) => change('DELETE', of(id)),
    metrics: (id, days) => call('GET', `${of(id)}/metrics?days=${days}`),
  };
}
