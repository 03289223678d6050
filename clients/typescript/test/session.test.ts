import { describe, expect, it } from 'vitest';
import { createDashboardClient, type DashboardClientOptions } from '../src/index.js';
import { data, FakeClock, FakeServer, FakeSurroundings, FakeTransport, settled, state } from './fakes.js';

const refresh = 'POST /api/auth/refresh';
const me = 'GET /api/auth/me';
const kpis = 'GET /api/dashboard/tenant/kpis';

async function world(options: DashboardClientOptions = {}) {
  const [clock, transport, server] = [new FakeClock(), new FakeTransport(), new FakeServer()];
  const surroundings = new FakeSurroundings();
  const client = createDashboardClient({
    url: 'http://test',
    clock,
    transport,
    surroundings,
    fetch: server.fetch,
    random: () => 1,
    ...options,
  });
  client.connect();
  await settled();
  return { clock, transport, server, client, state: () => client.getSnapshot().connection.state };
}

const expires = { expiresAt: '2026-03-02T10:00:00.000Z' };
const once = (first: () => unknown, then: () => unknown) => {
  let count = 0;
  return () => (count++ ? then() : first()) as never;
};

describe('signed in by cookies', () => {
  it('renews in place when the socket is about to expire', async () => {
    const { transport, server, clock, state } = await world();
    server.answers[refresh] = data({});
    transport.lets_in();
    transport.says('auth:expiring', expires);
    await settled();
    expect(server.count(refresh)).toBe(1);
    expect(transport.asked('auth:refresh')).toMatchObject([{ payload: {} }]);
    transport.asked('auth:refresh')[0]?.answer({ success: true, ...expires });
    await clock.pass(60_000);
    expect(transport.asked('auth:refresh')).toHaveLength(1);
    expect([state(), transport.openings]).toEqual(['live', 1]);
  });

  it('tries again while there is time: an outage, a busy server', async () => {
    const { transport, server, clock } = await world();
    server.answers[refresh] = once(
      () => 'no network',
      () => data({}),
    );
    transport.lets_in();
    transport.says('auth:expiring', expires);
    await clock.pass(5000);
    transport
      .asked('auth:refresh')[0]
      ?.answer({ success: false, error: { code: 'UNAVAILABLE', message: '' } });
    await clock.pass(5000);
    expect(transport.asked('auth:refresh')).toHaveLength(2);
  });

  it('takes another tab having won the exchange for a renewal', async () => {
    const { transport, server } = await world();
    server.answers[refresh] = { status: 401 };
    server.answers[me] = data({ user: {} });
    transport.lets_in();
    transport.says('auth:expiring', expires);
    await settled();
    expect(transport.asked('auth:refresh')).toHaveLength(1);
  });

  it('renews a refused token once and comes back; refused for good, it is unauthorised', async () => {
    const { transport, server, state } = await world();
    server.answers[refresh] = data({});
    transport.refuses();
    await settled();
    expect([transport.openings, state()]).toEqual([2, 'connecting']);
    transport.refuses();
    await settled();
    expect(state()).toBe('unauthorised');
  });

  it('is unauthorised when nobody is signed in, and asks no more then', async () => {
    const { clock, transport, server, state } = await world();
    server.answers[refresh] = { status: 401 };
    server.answers[me] = { status: 401 };
    transport.refuses('Authentication token required');
    await clock.pass(600_000);
    expect(state()).toBe('unauthorised');
    expect([transport.openings, server.requests.length]).toEqual([1, 2]);
  });

  it('looks once when the server ends the socket: signed out elsewhere, or not', async () => {
    for (const [status, then] of [
      [401, 'unauthorised'],
      [200, 'live'],
      [404, 'live'],
    ] as const) {
      const { clock, transport, server, state } = await world();
      transport.lets_in();
      server.answers[me] = {
        status,
        ...(status === 200 ? { body: { success: true, data: { user: {} } } } : {}),
      };
      server.answers[refresh] = { status: 401 };
      transport.kicks();
      await clock.pass(1000);
      transport.lets_in();
      expect(state()).toBe(then);
    }
  });

  it('begins again after signing in, and is closed after signing out, with nothing left to see', async () => {
    const { client, transport, server, state: now } = await world();
    server.answers[refresh] = { status: 401 };
    server.answers[me] = { status: 401 };
    transport.refuses();
    await settled();
    expect(now()).toBe('unauthorised');
    server.answers['POST /api/auth/login'] = data({
      user: { id: 'u', email: 'a@b', role: 'tenant' },
      ...expires,
    });
    await client.api.login({ email: 'a@b', password: 'secret' });
    await settled();
    transport.lets_in();
    transport.sent.at(-1)?.answer(state(4));
    expect(now()).toBe('live');
    const states: string[] = [];
    client.on('state', (change) => states.push(change.state));
    server.answers['POST /api/auth/logout'] = () => {
      // The server is quicker with the socket than with the answer.
      transport.kicks();
      return data({});
    };
    await client.api.logout();
    await settled();
    expect(now()).toBe('closed');
    expect(states).not.toContain('unauthorised');
    expect(client.getSnapshot()).toMatchObject({ kpis: null, total: null });
  });

  it('stays when signing out fails', async () => {
    const { client, transport, server, state } = await world();
    transport.lets_in();
    server.answers['POST /api/auth/logout'] = 'no network';
    await expect(client.api.logout()).rejects.toMatchObject({ status: 0 });
    expect(state()).toBe('live');
  });
});

describe('signed in by tokens of the application', () => {
  it('shows a new one in place', async () => {
    const reasons: boolean[] = [];
    const { transport, server } = await world({
      getToken({ renew }) {
        reasons.push(renew);
        return renew ? 'new' : 'old';
      },
    });
    transport.lets_in();
    transport.says('auth:expiring', expires);
    await settled();
    expect(transport.asked('auth:refresh')).toMatchObject([{ payload: { token: 'new' } }]);
    expect(reasons).toEqual([false, true]);
    expect(server.requests).toEqual([]);
  });

  it('comes back with a new one when the old is refused', async () => {
    const { transport } = await world({ getToken: ({ renew }) => (renew ? 'new' : 'old') });
    transport.refuses();
    await settled();
    expect([transport.auth, transport.openings]).toEqual([{ token: 'new' }, 2]);
  });

  it('is unauthorised when there is none', async () => {
    const { transport, state } = await world({ getToken: () => null });
    transport.refuses('Authentication token required');
    await settled();
    expect(state()).toBe('unauthorised');
  });
});

describe('a request', () => {
  it('is tried once more after one renewal', async () => {
    const { client, server } = await world();
    server.answers[refresh] = data({});
    server.answers[kpis] = once(
      () => ({ status: 401 }),
      () => data({ landlordViews: 3 }),
    );
    expect(await client.api.kpis()).toEqual({ landlordViews: 3 });
    server.answers[kpis] = { status: 401 };
    await expect(client.api.kpis()).rejects.toMatchObject({ status: 401 });
    expect([server.count(refresh), server.count(kpis)]).toEqual([2, 4]);
  });

  it('shares the renewal with others', async () => {
    const { client, server } = await world();
    server.answers[refresh] = data({});
    server.answers[kpis] = { status: 401 };
    await Promise.allSettled([client.api.kpis(), client.api.kpis(), client.api.kpis()]);
    expect(server.count(refresh)).toBe(1);
  });

  it('fails with what the server said', async () => {
    const { client, server } = await world();
    const error = {
      code: 'RATE_LIMITED',
      message: 'Too many',
      details: [{ field: 'name', message: 'is empty' }],
    };
    server.answers['POST /api/auth/login'] = {
      status: 429,
      body: { success: false, error },
      headers: { 'retry-after': '7' },
    };
    await expect(client.api.login({ email: 'a', password: 'b' })).rejects.toMatchObject({
      status: 429,
      ...error,
      retryAfter: 7,
    });
    server.answers[kpis] = { status: 200, body: 'a page of the hotel' };
    await expect(client.api.kpis()).rejects.toMatchObject({ status: 0, code: 'NETWORK' });
  });

  it('that nobody answers ends', async () => {
    const { client, clock, server } = await world();
    server.answers[kpis] = 'silence';
    const asked = expect(client.api.kpis()).rejects.toMatchObject({ status: 0 });
    await clock.pass(20_000);
    await asked;
  });

  it('asks for what the contract names', async () => {
    const { client, server } = await world();
    const tries = [
      client.api.businesses({ page: 2, limit: 50, status: 'active', search: 'a&b' }),
      client.api.businesses(),
      client.api.trends(7),
      client.api.metrics('x/y', 90),
      client.api.updateBusiness('1', { stealth_mode_enabled: true }),
    ];
    await Promise.allSettled(tries);
    expect(server.requests.map(({ name }) => name)).toEqual([
      'GET /api/businesses?page=2&limit=50&status=active&search=a%26b',
      'GET /api/businesses',
      'GET /api/dashboard/tenant/trends?days=7',
      'GET /api/businesses/x%2Fy/metrics?days=90',
      'PATCH /api/businesses/1',
    ]);
  });
});
