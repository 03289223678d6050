// What the server says, as its contract has it, and what a client shows of it.

export interface Kpis {
  readonly activeBusinesses: number;
  /** Messages per invite in percent, one decimal. */
  readonly responseRate: number;
  readonly landlordViews: number;
  readonly messagesTotal: number;
}

export type BusinessStatus = 'active' | 'pending_verification' | 'stealth_mode';

export interface Business {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly logo_url: string | null;
  readonly category: string;
  readonly status: BusinessStatus;
  readonly is_verified: boolean;
  readonly stealth_mode_enabled: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The sums of one business. */
export interface Metrics {
  readonly views_count: number;
  readonly clicks_count: number;
  readonly property_invites_count: number;
  readonly declined_count: number;
  readonly messages_count: number;
  readonly qfps_submitted_count: number;
}

export interface TrendSums {
  readonly views: number;
  readonly clicks: number;
  readonly invites: number;
  readonly declined: number;
  readonly messages: number;
  readonly qfps: number;
}

export interface TrendDay extends TrendSums {
  /** YYYY-MM-DD, UTC. */
  readonly date: string;
}

export interface Trends {
  /** Oldest first, without holes; the last is today. */
  readonly days: readonly TrendDay[];
  readonly previous: TrendSums;
  readonly current: TrendSums;
}

export type Role = 'tenant' | 'landlord' | 'broker' | 'service';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
}

/** Everything a dashboard shows: the newest 20 businesses, newest first, and how many there are. */
export interface TenantState {
  readonly kpis: Kpis;
  readonly businesses: readonly Business[];
  readonly total: number;
}

interface Stamped {
  /** Only grows for a user, across nodes and restarts. */
  readonly version: number;
  readonly timestamp: string;
}

/** What the server sends: the one map that all types of events come from. */
export interface ServerEventMap {
  'kpi:update': Stamped & { readonly kpis: Kpis };
  'business:created': Stamped & { readonly business: Business };
  'business:updated': Stamped & { readonly business: Business };
  'business:deleted': Stamped & { readonly businessId: string };
  'metrics:updated': Stamped & { readonly businessId: string; readonly metrics: Metrics };
  reconnected: Stamped & TenantState;
  'auth:expiring': { readonly expiresAt: string; readonly timestamp: string };
}

export interface DashboardEventMap extends ServerEventMap {
  /** The client's own: its state has changed. */
  state: { readonly state: ConnectionState; readonly previous: ConnectionState };
}

export type ConnectionState =
  'connecting' | 'live' | 'recovering' | 'polling' | 'stale' | 'unauthorised' | 'closed';

export interface Connection {
  readonly state: ConnectionState;
  /** When that state began; like all times here, milliseconds since 1970. */
  readonly since: number;
  /** Attempts that failed in a row. */
  readonly attempt: number;
  /** When the next attempt begins; null while none is waited for. */
  readonly nextAttemptAt: number | null;
  /** What the browser believes. */
  readonly online: boolean;
  readonly paused: boolean;
  /** What carries the live connection. */
  readonly transport: 'websocket' | 'polling' | null;
  /** When something about what is shown last arrived. Stands still while paused. */
  readonly lastUpdateAt: number | null;
  /** Why the last attempt failed, or the connection ended; null while live. */
  readonly error: string | null;
}

/** Immutable. What did not change is the same object as before, row by row. */
export interface DashboardSnapshot {
  readonly connection: Connection;
  readonly kpis: Kpis | null;
  /** The newest 20, and what was created since; newest first. */
  readonly businesses: readonly Business[];
  readonly total: number | null;
  /** The latest `metrics:updated` by business, of those that had one. */
  readonly metrics: ReadonlyMap<string, Metrics>;
  readonly version: number | null;
}
