import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../src/index.js';
import { business, business_event, data, kpi_event, kpis, metrics_event, settled, state } from './fakes.js';
import { tenant, world } from './world.js';

describe('connecting', () => {
  it('is live at once and asks for everything', async () => {
    const { client, transport, states, now, live } = world();
    await live();
    expect(states).toEqual(['connecting', 'live']);
    expect(now()).toMatchObject({
      state: 'live',
      transport: 'websocket',
      attempt: 0,
      nextAttemptAt: null,
      error: null,
    });
    expect(client.getSnapshot()).toMatchObject({ total: 2, version: 10, kpis: { landlordViews: 10 } });
    expect(transport.openings).toBe(1);
  });

  it('does nothing when told twice, and begins anew after close', async () => {
    const { client, transport, now, live } = world();
    await live();
    client.connect();
    expect(transport.openings).toBe(1);
    client.close();
    expect(now().state).toBe('closed');
    client.connect();
    await settled();
    expect([now().state, transport.openings]).toEqual(['connecting', 2]);
  });

  it('leaves no timer behind when closed', async () => {
    const { client, clock, live, fail } = world();
    await live();
    client.close();
    expect(clock.waiting).toBe(0);
    client.connect();
    await settled();
    await fail(4);
    client.close();
    await clock.pass(30_000);
    expect(clock.waiting).toBe(0);
  });

  it('asks for nothing when the connection is recovered: what was missed follows', async () => {
    const { clock, transport, live } = world();
    await live();
    transport.breaks();
    await clock.pass(500);
    transport.lets_in({ recovered: true });
    expect(transport.asked()).toHaveLength(1);
  });

  it('shows a token of the application with every attempt', async () => {
    let count = 0;
    const { clock, transport, client } = world({ getToken: () => `token ${++count}` });
    client.connect();
    await settled();
    expect(transport.auth).toEqual({ token: 'token 1' });
    transport.fails();
    await clock.pass(500);
    expect(transport.auth).toEqual({ token: 'token 2' });
  });

  it('takes an application that cannot give a token for a failed attempt', async () => {
    const { client, now } = world({ getToken: () => Promise.reject(new Error('keychain is locked')) });
    client.connect();
    await settled();
    expect(now()).toMatchObject({ state: 'connecting', attempt: 1, error: 'keychain is locked' });
  });
});

describe('without a socket', () => {
  it('polls after three failures, every thirty seconds, and is live again by itself', async () => {
    const { clock, client, server, transport, states, now, live } = world();
    await live();
    server.answers[tenant] = () =>
      data({ kpis: kpis(server.requests.length * 100), businesses: [], total: 0 });
    transport.breaks();
    for (let each = 0; each < 3; ++each) {
      expect(server.count(tenant)).toBe(0);
      await clock.pass(4000);
      transport.fails();
    }
    await settled();
    expect(states).toEqual(['connecting', 'live', 'recovering', 'polling']);
    expect(client.getSnapshot().kpis?.landlordViews).toBe(100);
    for (let round = 0; round < 6; ++round) {
      await clock.pass(10_000);
      transport.fails();
    }
    expect(server.count(tenant)).toBe(3);
    expect(now().state).toBe('polling');
    await clock.pass(10_000);
    transport.lets_in();
    expect(now()).toMatchObject({ state: 'live', attempt: 0 });
    await clock.pass(300_000);
    expect(server.count(tenant)).toBe(3);
  });

  it('is stale when polling fails too, keeps what it has, and takes any way back', async () => {
    const { client, clock, server, transport, now, live, fail } = world();
    await live();
    const { kpis: before } = client.getSnapshot();
    server.answers[tenant] = 'no network';
    transport.breaks();
    await clock.pass(500);
    await fail(3);
    await clock.pass(5000);
    expect(now().state).toBe('stale');
    expect(client.getSnapshot().kpis).toBe(before);
    server.answers[tenant] = data({ kpis: kpis(5), businesses: [], total: 0 });
    await clock.pass(30_000);
    expect(now().state).toBe('polling');
  });

  it('goes on polling when an attempt hangs', async () => {
    const { client, clock, server, now } = world();
    server.answers[tenant] = data(state(1));
    client.connect();
    await clock.pass(300_000);
    expect(now().state).toBe('polling');
    expect(server.count(tenant)).toBeGreaterThanOrEqual(9);
  });

  it('polls the figures alone when the database is out of reach', async () => {
    const { client, server, now, fail } = world();
    server.answers[tenant] = { status: 503 };
    server.answers['GET /api/dashboard/tenant/kpis'] = data(kpis(42));
    client.connect();
    await settled();
    await fail(3);
    expect(now().state).toBe('polling');
    expect(client.getSnapshot().kpis?.landlordViews).toBe(42);
  });

  it('is slower in a hidden tab and without a network, and at once again after it', async () => {
    for (const away of [{ hidden: true }, { online: false }]) {
      const { client, surroundings, transport, now, live } = world();
      await live();
      surroundings.become(away);
      transport.breaks();
      expect((now().nextAttemptAt ?? 0) - now().since).toBeGreaterThanOrEqual(15_000);
      surroundings.become({ hidden: false, online: true });
      await settled();
      expect(transport.openings).toBe(2);
      expect(client.getSnapshot().connection.online).toBe(true);
    }
  });

  it('drops a poll that comes after the socket', async () => {
    const { clock, client, server, transport, fail } = world();
    client.connect();
    await settled();
    let answer: (value: Response) => void = () => {};
    server.late = new Promise((done) => (answer = done));
    await fail(3);
    expect(server.count(tenant)).toBe(1);
    transport.lets_in();
    transport.asked().at(-1)?.answer(state(20));
    answer(Response.json({ success: true, data: { kpis: kpis(3), businesses: [], total: 0 } }));
    await clock.pass(1000);
    expect(client.getSnapshot().kpis?.landlordViews).toBe(20);
  });
});

describe('what arrives', () => {
  it('is merged, and told to those who listen', async () => {
    const { client, transport, live } = world();
    await live();
    const heard = vi.fn();
    const end = client.on('business:created', heard);
    transport.says('business:created', business_event(11, business('c')));
    expect(client.getSnapshot().businesses.map((each) => each.id)).toEqual(['c', 'b', 'a']);
    expect(heard).toHaveBeenCalledTimes(1);
    transport.says('business:created', business_event(11, business('c')));
    expect(heard).toHaveBeenCalledTimes(1);
    end();
    transport.says('business:created', business_event(12, business('d')));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('changes the snapshot only where something changed', async () => {
    const { client, transport, live } = world();
    await live();
    const before = client.getSnapshot();
    transport.says('metrics:updated', metrics_event(11, 'a'));
    const after = client.getSnapshot();
    expect(after).not.toBe(before);
    expect(after.businesses).toBe(before.businesses);
    expect(after.kpis).toBe(before.kpis);
    expect(after.metrics).not.toBe(before.metrics);
  });

  it('asks for the state when something is missing, once, and not when metrics explain it', async () => {
    const { clock, transport, live } = world();
    await live();
    await clock.pass(60_000);
    transport.says('business:updated', business_event(13, business('a')));
    transport.says('business:updated', business_event(16, business('b')));
    await clock.pass(1000);
    expect(transport.asked()).toHaveLength(2);
    transport.asked().at(-1)?.answer(state(16));
    await clock.pass(60_000);
    transport.says('kpi:update', kpi_event(20));
    transport.says('metrics:updated', metrics_event(20, 'a'));
    await clock.pass(60_000);
    expect(transport.asked()).toHaveLength(2);
  });

  it('asks again when the answer does not come', async () => {
    const { client, clock, transport } = world();
    client.connect();
    await settled();
    transport.lets_in();
    await clock.pass(10_000);
    const refreshed = client.refresh();
    await settled();
    expect(transport.asked()).toHaveLength(2);
    transport.asked().at(-1)?.answer(state(1));
    await refreshed;
    expect(client.getSnapshot().total).toBe(0);
  });

  it('does not stumble over what is not as the contract has it', async () => {
    const { client, transport, live } = world();
    await live();
    const before = client.getSnapshot();
    for (const name of [
      'kpi:update',
      'business:created',
      'business:deleted',
      'metrics:updated',
      'reconnected',
      'nonsense',
    ])
      for (const payload of [
        null,
        undefined,
        7,
        'x',
        {},
        { version: '11' },
        { version: 11 },
        { version: 11, kpis: null },
      ])
        transport.says(name, payload);
    expect(client.getSnapshot()).toBe(before);
  });

  it('goes on when a listener throws', async () => {
    const { client, transport, live } = world();
    await live();
    const thrown = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    client.subscribe(() => {
      throw new Error('of the page');
    });
    const heard = vi.fn();
    client.subscribe(heard);
    transport.says('kpi:update', kpi_event(11));
    expect(heard).toHaveBeenCalled();
    expect(thrown).toHaveBeenCalled();
    thrown.mockRestore();
  });
});

describe('a pause', () => {
  it('stands still, and shows and tells everything afterwards', async () => {
    const { client, clock, transport, live, now } = world();
    await live();
    const told: unknown[] = [];
    client.on('business:created', ({ version }) => told.push(version));
    client.on('kpi:update', ({ version }) => told.push(version));
    client.pause();
    const { kpis: before, connection } = client.getSnapshot();
    await clock.pass(1000);
    transport.says('business:created', business_event(11, business('c')));
    transport.says('kpi:update', kpi_event(11));
    transport.says('kpi:update', kpi_event(12));
    expect(client.getSnapshot()).toMatchObject({ kpis: before, total: 2, version: 10 });
    expect(now()).toMatchObject({ paused: true, lastUpdateAt: connection.lastUpdateAt });
    expect(told).toEqual([]);
    client.resume();
    expect(client.getSnapshot()).toMatchObject({ total: 3, version: 12 });
    expect(now().lastUpdateAt).toBe(clock.now());
    // Figures are states: of two, the last.
    expect(told).toEqual([11, 12]);
  });

  it('still says how the connection is', async () => {
    const { client, transport, live, now } = world();
    await live();
    client.pause();
    transport.breaks();
    expect(now()).toMatchObject({ state: 'recovering', paused: true });
  });

  it('keeps no endless list of what it will tell', async () => {
    const { client, transport, live } = world();
    await live();
    const told = vi.fn();
    client.on('business:created', told);
    client.pause();
    for (let version = 11; version < 1200; ++version)
      transport.says('business:created', business_event(version, business(`${version}`)));
    client.resume();
    expect(told).not.toHaveBeenCalled();
    expect(transport.asked()).toHaveLength(2);
  });
});

describe('refresh', () => {
  it('shows nothing that was asked for before the client was closed', async () => {
    const { client, server } = world();
    let answer: (value: Response) => void = () => {};
    server.late = new Promise((done) => (answer = done));
    client.connect();
    await settled();
    const asked = client.refresh();
    client.close();
    client.connect();
    answer(Response.json({ success: true, data: { kpis: kpis(3), businesses: [], total: 0 } }));
    await asked;
    expect(client.getSnapshot().kpis).toBe(null);
  });

  it('tries to connect at once, and fetches meanwhile', async () => {
    const { client, clock, server, transport, live } = world();
    await live();
    await clock.pass(20_000);
    transport.breaks();
    server.answers[tenant] = data({ kpis: kpis(50), businesses: [], total: 0 });
    await client.refresh();
    expect(transport.openings).toBe(2);
    expect(client.getSnapshot().kpis?.landlordViews).toBe(50);
  });

  it('says so when it cannot', async () => {
    const { client, server, transport, live } = world();
    await live();
    transport.breaks();
    server.answers[tenant] = 'no network';
    await expect(client.refresh()).rejects.toMatchObject({ status: 0, code: 'NETWORK' });
    await expect(client.refresh()).rejects.toBeInstanceOf(ApiError);
  });
});
