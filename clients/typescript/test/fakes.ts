// A world in which nothing happens by itself: time, network, tab and server do what a test says.
import type { Clock, Surroundings, Transport, TransportListener } from '../src/index.js';
import type { Business, Kpis } from '../src/index.js';

/** Lets everything go on that waits for nothing but promises; reading a Response takes some turns of the loop. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 4; ++turn) await new Promise<void>((done) => void setImmediate(done));
};

export class FakeClock implements Clock {
  private time = 1_800_000_000_000;
  private timers: { at: number; run: () => void }[] = [];

  now = () => this.time;

  after = (ms: number, run: () => void) => {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => void (this.timers = this.timers.filter((each) => each !== timer));
  };

  get waiting(): number {
    return this.timers.length;
  }

  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const [next] = [...this.timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settled();
    }
    this.time = end;
  }
}

export class FakeSurroundings implements Surroundings {
  private changed: (() => void) | null = null;
  is_hidden = false;
  is_online = true;
  hidden = () => this.is_hidden;
  online = () => this.is_online;
  listen = (changed: () => void) => {
    this.changed = changed;
    return () => void (this.changed = null);
  };

  become({ hidden = this.is_hidden, online = this.is_online }: { hidden?: boolean; online?: boolean }): void {
    this.is_hidden = hidden;
    this.is_online = online;
    this.changed?.();
  }
}

interface Sent {
  event: string;
  payload: object | undefined;
  answer: (value: unknown) => void;
}

/** Fails the test that has two connections at a time. */
export class FakeTransport implements Transport {
  private to!: TransportListener;
  phase: 'none' | 'opening' | 'open' = 'none';
  openings = 0;
  auth: { token?: string } = {};
  sent: Sent[] = [];

  listen = (listener: TransportListener) => void (this.to = listener);
  open(auth: { token?: string }): void {
    if (this.phase !== 'none') throw new Error(`opened while ${this.phase}`);
    this.phase = 'opening';
    this.auth = auth;
    ++this.openings;
  }
  close = () => void (this.phase = 'none');
  send = (event: string, payload?: object, answered?: (answer: unknown) => void) =>
    void (this.phase === 'open' && this.sent.push({ event, payload, answer: answered ?? (() => {}) }));

  lets_in({ recovered = false, carrier = 'websocket' as 'websocket' | 'polling' } = {}): void {
    if (this.phase !== 'opening') return;
    this.phase = 'open';
    this.to.opened(recovered, carrier);
  }
  fails = (error = 'websocket error') => this.ends('opening', () => this.to.failed(error));
  refuses = (error = 'Invalid authentication token') => this.ends('opening', () => this.to.refused(error));
  breaks = (error = 'transport close') => this.ends('open', () => this.to.lost(error, false));
  kicks = () => this.ends('open', () => this.to.lost('io server disconnect', true));
  says = (event: string, payload: unknown) => void (this.phase === 'open' && this.to.event(event, payload));

  asked(event = 'request:current-state'): Sent[] {
    return this.sent.filter((each) => each.event === event);
  }

  private ends(phase: 'opening' | 'open', tell: () => void): void {
    if (this.phase !== phase) return;
    this.phase = 'none';
    tell();
  }
}

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'no network' | 'silence';

/** A server's REST half: `answers` by 'METHOD /path'; anything else is 404. */
export class FakeServer {
  answers: Record<string, Answer | (() => Answer)> = {};
  /** If it is there, the answer to everything. */
  late: Promise<Response> | null = null;
  requests: { name: string; headers: Record<string, string>; body: unknown }[] = [];

  fetch = ((url: string, init: RequestInit = {}) => {
    const name = `${init.method ?? 'GET'} ${url.replace(/^https?:\/\/[^/]+/, '')}`;
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    this.requests.push({ name, headers: (init.headers ?? {}) as Record<string, string>, body });
    if (this.late) return this.late;
    const found = this.answers[name] ?? { status: 404 };
    const answer = typeof found === 'function' ? found() : found;
    if (answer === 'no network') return Promise.reject(new TypeError('fetch failed'));
    if (answer === 'silence')
      return new Promise((_, fail) =>
        init.signal?.addEventListener('abort', () => fail(new Error('aborted'))),
      );
    const { status, headers = {} } = answer;
    const failed = { success: false, error: { code: `CODE_${status}`, message: `message ${status}` } };
    const text = JSON.stringify(answer.body ?? (status < 300 ? { success: true, data: {} } : failed));
    return Promise.resolve(
      new Response(text, { status, headers: { 'content-type': 'application/json', ...headers } }),
    );
  }) as typeof fetch;

  count = (name: string) => this.requests.filter((each) => each.name === name).length;
}

export const data = (value: unknown): Answer => ({ status: 200, body: { success: true, data: value } });

export const kpis = (landlordViews = 0): Kpis => ({
  activeBusinesses: 1,
  responseRate: 0,
  landlordViews,
  messagesTotal: 0,
});

export const business = (id: string, fields: Partial<Business> = {}): Business => ({
  id,
  user_id: 'u',
  name: `Business ${id}`,
  logo_url: null,
  category: 'food',
  status: 'active',
  is_verified: false,
  stealth_mode_enabled: false,
  created_at: '2026-03-02T09:30:12.300Z',
  updated_at: '2026-03-02T09:30:12.300Z',
  ...fields,
});

const timestamp = '2026-03-02T09:30:12.345Z';
export const state = (version: number, businesses: Business[] = [], total = businesses.length) => ({
  kpis: kpis(version),
  businesses,
  total,
  version,
  timestamp,
});
export const kpi_event = (version: number, views = version) => ({ kpis: kpis(views), version, timestamp });
export const business_event = (version: number, each: Business) => ({ business: each, version, timestamp });
export const deleted_event = (version: number, businessId: string) => ({ businessId, version, timestamp });
export const metrics_event = (version: number, businessId: string, views_count = version) => ({
  businessId,
  metrics: {
    views_count,
    clicks_count: 0,
    property_invites_count: 0,
    declined_count: 0,
    messages_count: 0,
    qfps_submitted_count: 0,
  },
  version,
  timestamp,
});
