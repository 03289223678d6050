// What a change sends to the sockets of its owner, whatever wrote it and whatever carries it.
import { after, afterEach, before, describe, test } from 'node:test';
import {
  api, assert, connected, create_business, disconnect_all, event, kpis_of, record, settle, slow, sql,
  start_server, tenant, transports, uuid, wait_for,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
afterEach(disconnect_all);
after(() => server?.stop());

const rest = (who, method, path, body) => api(server, method, path, { token: who.token, body });
const counters = [
  'clicks_count', 'declined_count', 'messages_count', 'property_invites_count', 'qfps_submitted_count', 'views_count',
];

// The users row of someone who never wrote through REST.
function insert_user(who) {
  sql(server.database, `INSERT INTO users(id, email, role) VALUES ('${who.id}', '${who.email}', 'tenant');`);
}

// Each writes, and gives the id of the business it wrote to.
const writes = {
  'business:created': {
    REST: async (who) => (await create_business(server, who, { name: 'Fresh' })).id,
    SQL: (who) => {
      const id = uuid();
      sql(server.database, `INSERT INTO businesses(id, user_id, name, category, status)
                               VALUES ('${id}', '${who.id}', 'Fresh', 'retail', 'active');`);
      return id;
    },
  },
  'business:updated': {
    REST: async (who, business) => {
      const answer = await rest(who, 'PATCH', `/api/businesses/${business.id}`, { status: 'stealth_mode' });
      assert.equal(answer.status, 200);
      return business.id;
    },
    SQL: (who, business) => {
      sql(server.database, `UPDATE businesses SET status = 'stealth_mode' WHERE id = '${business.id}';`);
      return business.id;
    },
  },
  'business:deleted': {
    REST: async (who, business) => {
      assert.equal((await rest(who, 'DELETE', `/api/businesses/${business.id}`)).status, 200);
      return business.id;
    },
    SQL: (who, business) => {
      sql(server.database, `DELETE FROM businesses WHERE id = '${business.id}';`);
      return business.id;
    },
  },
  'metrics:updated': {
    activity: async (who, business) => {
      await record(server, business, { view: 7, invite: 4, message: 1 });
      return business.id;
    },
    SQL: (who, business) => {
      sql(server.database, `
        INSERT INTO business_metrics(id, business_id, metric_date, views_count, property_invites_count, messages_count)
        VALUES ('${uuid()}', '${business.id}', date('now'), 7, 4, 1);`);
      return business.id;
    },
  },
};

const expected_kpis = {
  'business:created': { activeBusinesses: 2, responseRate: 0, landlordViews: 0, messagesTotal: 0 },
  'business:updated': { activeBusinesses: 0, responseRate: 0, landlordViews: 0, messagesTotal: 0 },
  'business:deleted': { activeBusinesses: 0, responseRate: 0, landlordViews: 0, messagesTotal: 0 },
  'metrics:updated': { activeBusinesses: 1, responseRate: 25, landlordViews: 7, messagesTotal: 1 },
};

function assert_payload(name, payload, who, business_id) {
  const { version, timestamp, ...rest_of_it } = payload;
  assert.ok(Number.isInteger(version) && version > 0, `version ${version}`);
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  if (name === 'business:deleted') {
    assert.deepEqual(rest_of_it, { businessId: business_id });
  } else if (name === 'metrics:updated') {
    assert.deepEqual(Object.keys(rest_of_it).sort(), ['businessId', 'metrics']);
    assert.equal(rest_of_it.businessId, business_id);
    assert.deepEqual(Object.keys(rest_of_it.metrics).sort(), counters);
    assert.equal(rest_of_it.metrics.views_count, 7);
    assert.equal(rest_of_it.metrics.property_invites_count, 4);
    assert.equal(rest_of_it.metrics.messages_count, 1);
    assert.equal(rest_of_it.metrics.clicks_count, 0);
  } else {
    assert.deepEqual(Object.keys(rest_of_it), ['business']);
    assert.equal(rest_of_it.business.id, business_id);
    assert.equal(rest_of_it.business.user_id, who.id);
    assert.equal(rest_of_it.business.status, name === 'business:created' ? 'active' : 'stealth_mode');
  }
}

for (const transport of Object.keys(transports)) {
  describe(`over ${transport === 'upgrade' ? 'polling upgraded to websocket' : `${transport} only`}`, () => {
    for (const [name, by] of Object.entries(writes)) {
      for (const [kind, write] of Object.entries(by)) {
        test(`${name}, then kpi:update, after a write by ${kind}`, async () => {
          const who = tenant();
          const business = await create_business(server, who);
          const socket = await connected(server, { token: who.token, transport });
          await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 1);
          const from = socket.received.length;

          const business_id = await write(who, business);
          const payload = await event(socket, name, undefined, { from });
          const update = await event(socket, 'kpi:update', undefined, { from });
          assert_payload(name, payload, who, business_id);
          assert.deepEqual(Object.keys(update).sort(), ['kpis', 'timestamp', 'version']);
          assert.deepEqual(update.kpis, expected_kpis[name]);
          assert.ok(update.version >= payload.version);
          assert.deepEqual(socket.received.slice(from).map((r) => r.event), [name, 'kpi:update']);
          assert.deepEqual(await kpis_of(server, who), update.kpis);
        });
      }
    }
  });
}

test('a row inserted at a SQL prompt reaches the socket within a second', async () => {
  const who = tenant();
  insert_user(who);
  const socket = await connected(server, { token: who.token });
  const id = uuid();
  sql(server.database, `INSERT INTO businesses(id, user_id, name, category)
                           VALUES ('${id}', '${who.id}', 'From the prompt', 'retail');`);
  const written = Date.now();
  const { business } = await event(socket, 'business:created');
  const took = socket.received.find((r) => r.event === 'business:created').at - written;
  assert.ok(took < 1000 * slow, `took ${took} ms`);
  assert.equal(business.id, id);
  assert.equal(business.status, 'pending_verification');
  assert.equal(business.is_verified, false);
  assert.equal(business.logo_url, null);
});

test('a change that moves no KPI sends its own event alone', async () => {
  const who = tenant();
  const business = await create_business(server, who);
  const socket = await connected(server, { token: who.token });
  await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 1);
  const from = socket.received.length;
  await rest(who, 'PATCH', `/api/businesses/${business.id}`, { name: 'Renamed' });
  await event(socket, 'business:updated', (p) => p.business.name === 'Renamed', { from });
  await create_business(server, who, { name: 'Barrier' });
  await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 2, { from });
  assert.deepEqual(
    socket.received.slice(from).map((r) => r.event), ['business:updated', 'business:created', 'kpi:update']);
});

test('two tenants connected at once see their own changes only', async () => {
  const people = [tenant(), tenant()];
  const sockets = await Promise.all(people.map((who, i) =>
    connected(server, { token: who.token, transport: i === 0 ? 'websocket' : 'polling' })));
  const businesses = await Promise.all(people.map((who, i) => create_business(server, who, { name: `Of ${i}` })));
  for (let i = 0; i < 10; ++i)
    await Promise.all(businesses.map((business, n) => record(server, business, { view: n + 1 })));
  await Promise.all(sockets.map((socket, n) =>
    event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 10 * (n + 1))));
  await Promise.all(sockets.map(settle));
  for (const [n, socket] of sockets.entries()) {
    const text = JSON.stringify(socket.received);
    assert.ok(text.includes(businesses[n].id));
    assert.ok(!text.includes(businesses[1 - n].id), 'an event of the other tenant');
    assert.ok(!text.includes(people[1 - n].id), 'the id of the other tenant');
  }
});

test('every socket of one tenant gets the event', async () => {
  const who = tenant();
  const sockets = await Promise.all(Object.keys(transports).flatMap((transport) =>
    [1, 2, 3].map(() => connected(server, { token: who.token, transport }))));
  const business = await create_business(server, who);
  for (const socket of sockets) await event(socket, 'business:created', (p) => p.business.id === business.id);
});

test('versions only grow, and each business event has its own', async () => {
  const who = tenant();
  const socket = await connected(server, { token: who.token });
  const business = await create_business(server, who);
  for (let i = 0; i < 10; ++i) {
    await rest(who, 'PATCH', `/api/businesses/${business.id}`, { name: `Name ${i}` });
    await record(server, business, { view: 1 });
  }
  await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 10);
  const versions = (wanted) => socket.received.filter((r) => wanted(r.event)).map((r) => r.payload.version);
  const said = socket.received.map((r) => `${r.event} ${r.payload.version}`).join(', ');
  const all = versions(() => true);
  assert.deepEqual(all, [...all].sort((a, b) => a - b), said);
  // What is conflated may say again how far it has got; what is not has a version that nobody else has.
  const own = versions((name) => name.startsWith('business:'));
  assert.deepEqual(own, [...new Set(own)], said);
  assert.equal(own.length, 11, said);
});

test('500 rapid writes are conflated within KPI_COALESCE_MS and end in the right state', async () => {
  const who = tenant();
  const business = await create_business(server, who);
  const socket = await connected(server, { token: who.token });
  await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 1);
  const from = socket.received.length;
  const started = Date.now();
  let left = 500;
  const writer = async () => { while (left-- > 0) await record(server, business, { view: 1, invite: 2, message: 1 }); };
  await Promise.all(Array.from({ length: 8 }, writer));
  const last = await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 500, { from });
  assert.deepEqual(last.kpis, { activeBusinesses: 1, responseRate: 50, landlordViews: 500, messagesTotal: 500 });
  await event(socket, 'metrics:updated', (p) => p.metrics.views_count === 500, { from });
  const seen = socket.received.slice(from);
  const took = seen.at(-1).at - started;
  // The first leaves at once, then one per 100 ms and the last: anything more was not conflated.
  const bound = Math.floor(took / 100) + 2;
  for (const name of ['kpi:update', 'metrics:updated']) {
    const count = seen.filter((r) => r.event === name).length;
    assert.ok(count <= bound, `${count} ${name} in ${took} ms, at most ${bound}`);
  }
  assert.deepEqual(await kpis_of(server, who), last.kpis);
});

test('a bulk write in one SQL transaction arrives as events in order and one right state', async () => {
  const who = tenant();
  insert_user(who);
  const socket = await connected(server, { token: who.token });
  const many = 1500;   // more than one read of the log takes
  const rows = Array.from({ length: many }, (_, i) => `('${uuid()}', '${who.id}', 'Bulk ${i}', 'retail', 'active')`);
  sql(server.database,
    `BEGIN; INSERT INTO businesses(id, user_id, name, category, status) VALUES ${rows.join(',\n')}; COMMIT;`);
  await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === many);
  const created = socket.received.filter((r) => r.event === 'business:created').map((r) => r.payload.business.name);
  assert.deepEqual(created, Array.from({ length: many }, (_, i) => `Bulk ${i}`));
});

test('metrics changed, moved and removed by SQL arrive as states', async () => {
  const who = tenant();
  const [one, two] = [await create_business(server, who, { name: 'One' }), await create_business(server, who, { name: 'Two' })];
  const row = uuid();
  sql(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, views_count)
                           VALUES ('${row}', '${one.id}', '2026-01-05', 10);`);
  const socket = await connected(server, { token: who.token });
  await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 10);
  const steps = [
    [`UPDATE business_metrics SET views_count = 25 WHERE id = '${row}'`, 25, [[one, 25]]],
    [`UPDATE business_metrics SET business_id = '${two.id}' WHERE id = '${row}'`, undefined, [[one, 0], [two, 25]]],
    [`DELETE FROM business_metrics WHERE id = '${row}'`, 0, [[two, 0]]],
  ];
  for (const [statement, views, metrics] of steps) {
    const from = socket.received.length;
    sql(server.database, `${statement};`);
    for (const [business, count] of metrics)
      await event(socket, 'metrics:updated', (p) => p.businessId === business.id && p.metrics.views_count === count, { from });
    if (views !== undefined) await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === views, { from });
  }
});

test('a business handed to another owner leaves one dashboard and appears on the other', async () => {
  const [giver, taker] = [tenant(), tenant()];
  const business = await create_business(server, giver);
  insert_user(taker);
  await record(server, business, { view: 3 });
  const [left, right] = await Promise.all([giver, taker].map((who) => connected(server, { token: who.token })));
  sql(server.database, `UPDATE businesses SET user_id = '${taker.id}' WHERE id = '${business.id}';`);
  assert.equal((await event(left, 'business:deleted')).businessId, business.id);
  assert.equal((await event(right, 'business:created')).business.user_id, taker.id);
  await event(left, 'kpi:update', (p) => p.kpis.landlordViews === 0 && p.kpis.activeBusinesses === 0);
  await event(right, 'kpi:update', (p) => p.kpis.landlordViews === 3 && p.kpis.activeBusinesses === 1);
});

test('versions go on where they were after a restart', async () => {
  const first = await start_server();
  const who = tenant();
  await create_business(first, who);
  const before_it = (await settle(await connected(first, { token: who.token }))).version;
  disconnect_all();
  await first.stop();
  const second = await start_server({ settings: first.settings });
  const socket = await connected(second, { token: who.token });
  assert.equal((await settle(socket)).version, before_it);
  await create_business(second, who, { name: 'After' });
  const { version } = await event(socket, 'business:created');
  assert.ok(version > before_it, `${version} after ${before_it}`);
  await wait_for(() => socket.received.some((r) => r.event === 'kpi:update' && r.payload.version >= version), 'kpi:update');
  disconnect_all();
  await second.stop();
});
