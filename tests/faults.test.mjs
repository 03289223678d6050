// What goes wrong with a SQLite file under a running server: a full disk, another file in its place, a database
// that refuses. Nothing that was acknowledged is lost, and it all mends itself.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import {
  api, assert, client, connected, create_business, disconnect_all, event, kpis_of, once, record, run_program,
  service_token, settle, sql, start_server, temporary_folder, tenant, uuid, wait_for, within,
} from './harness.mjs';

afterEach(disconnect_all);

const post = (server, who, name) =>
  api(server, 'POST', '/api/businesses', { token: who.token, body: { name, category: 'retail' } });

function assert_unavailable(answer) {
  assert.equal(answer.status, 503, JSON.stringify(answer.body));
  assert.equal(answer.body.error.code, 'UNAVAILABLE');
  assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
}

describe('on a full disk', () => {
  // `fill` makes it full and gives what makes room again.
  async function fills_up(server, fill) {
    const who = tenant();
    const kept = [];
    const write = async (name) => {
      const answer = await post(server, who, name);
      if (answer.status === 201) kept.push(name);
      return answer;
    };
    assert.equal((await write('before')).status, 201);
    const socket = await connected(server, { token: who.token });
    const make_room = await fill();
    // What was set aside for the log is used up first.
    let refused;
    await wait_for(async () => (refused = await write(`full ${uuid()}`)).status !== 201, 'a write that fails', 60_000);
    assert_unavailable(refused);
    assert_unavailable(await api(server, 'POST', '/api/activity', {
      token: service_token(), body: { events: [{ id: uuid(), businessId: uuid(), type: 'view' }] },
    }).then((answer) => answer.status === 200 ? write('again') : answer));
    assert.equal((await api(server, 'GET', '/api/businesses', { token: who.token })).body.data.total, kept.length);
    assert.equal((await settle(socket)).total, kept.length, 'reading goes on');
    await make_room();
    await wait_for(async () => (await write(`after ${uuid()}`)).status === 201, 'a write that works');
    await event(socket, 'business:created', ({ business }) => business.name === kept.at(-1));
    server.child.kill('SIGKILL');
    await within(server.exited, 'the end');
    const names = sql(server.database, 'SELECT name FROM businesses ORDER BY name;').split('\n');
    assert.deepEqual(names, [...kept].sort());
  }

  test('writes are unavailable, reads go on, and it recovers', async (t) => {
    const folder = join(temporary_folder(), 'disk');
    mkdirSync(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', folder]).status !== 0)
      return t.skip('mounting a small disk is not allowed here');
    t.after(() => spawnSync('umount', ['-l', folder]));
    const server = await start_server({ settings: { DATABASE_URL: `sqlite:${join(folder, 'test.db')}` } });
    await fills_up(server, () => {
      const ballast = join(folder, 'ballast');
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k']);
      return () => rmSync(ballast);
    });
  });

  test('a limit on the size of files does the same', async () => {
    const server = await start_server();
    const limit = (size) => {
      const done = spawnSync('prlimit', ['--pid', String(server.child.pid), `--fsize=${size}:`], { encoding: 'utf8' });
      assert.equal(done.status, 0, done.stderr);
    };
    await fills_up(server, () => {
      limit(0);
      return () => limit('unlimited');
    });
  });
});

describe('when the file', () => {
  const ready = async (server) => (await fetch(`${server.url}/ready`)).status;

  // A database of the same tenants, as a backup would be.
  function another(server, statements) {
    const settings = { DATABASE_URL: `sqlite:${join(temporary_folder(), 'other.db')}` };
    assert.equal(run_program(['migrate'], { env: settings }).code, 0);
    sql(settings.DATABASE_URL, statements);
    return settings.DATABASE_URL.slice('sqlite:'.length);
  }
  const insert = (who, name) =>
    `INSERT INTO businesses (user_id, name, category) VALUES ('${who.id}', '${name}', 'c');`;

  test('is replaced, open dashboards follow the new one', async () => {
    const server = await start_server();
    const file = server.database.slice('sqlite:'.length);
    const who = tenant();
    await create_business(server, who, { name: 'old' });
    const socket = await connected(server, { token: who.token });
    renameSync(another(server, ['one', 'two', 'three'].map((name) => insert(who, name)).join('')), file);
    await wait_for(async () => (await settle(socket)).total === 3, 'the new state');
    sql(server.database, insert(who, 'four'));
    await event(socket, 'business:created', ({ business }) => business.name === 'four');
    await create_business(server, who, { name: 'five' });
    await event(socket, 'business:created', ({ business }) => business.name === 'five');
    assert.equal(await ready(server), 200);
    assert.equal(sql(server.database, 'PRAGMA integrity_check;'), 'ok');
    disconnect_all();
    await server.stop();
    assert.match(server.stderr, /was deleted or replaced/);
  });

  test('is deleted or no database of ours, all is unavailable until there is one again', async () => {
    const server = await start_server();
    const file = server.database.slice('sqlite:'.length);
    const who = tenant();
    await create_business(server, who, { name: 'kept' });
    const socket = await connected(server, { token: who.token });
    renameSync(file, `${file}.hidden`);
    assert_unavailable(await post(server, who, 'nowhere'));
    assert_unavailable(await api(server, 'GET', '/api/businesses', { token: who.token }));
    await wait_for(async () => (await ready(server)) === 503, 'not ready');
    assert.ok(!existsSync(file), 'an empty database must not take its place');
    writeFileSync(file, 'not a database at all, but long enough to be taken for one by its name');
    assert_unavailable(await post(server, who, 'into nothing'));
    renameSync(`${file}.hidden`, file);
    await wait_for(async () => (await ready(server)) === 200, 'ready');
    await create_business(server, who, { name: 'late' });
    await event(socket, 'business:created', ({ business }) => business.name === 'late');
    assert.equal((await settle(socket)).total, 2);
    disconnect_all();
    await server.stop();
  });
});

test("a database's own words are for the log, not for a client", async () => {
  const server = await start_server();
  const who = tenant();
  await create_business(server, who);
  sql(server.database, "CREATE TRIGGER refuse BEFORE INSERT ON businesses BEGIN SELECT RAISE(ABORT, 'words of the schema'); END;");
  const answer = await post(server, who, 'refused');
  assert.equal(answer.status, 500);
  assert.equal(answer.body.error.code, 'INTERNAL_ERROR');
  assert.doesNotMatch(JSON.stringify(answer.body), /words|schema|constraint|sqlite|INSERT/i);
  await server.stop();
  assert.match(server.stderr, /words of the schema/);
});

test('a counter that is full refuses its own event, not the batch', async () => {
  const server = await start_server();
  const who = tenant();
  const [full, other] = [await create_business(server, who), await create_business(server, who)];
  await record(server, full, { view: 1 });
  sql(server.database, `UPDATE business_metrics SET views_count = 1000000000000 WHERE business_id = '${full.id}';`);
  const view = (business) => ({ id: uuid(), businessId: business.id, type: 'view' });
  const answer = await api(server, 'POST', '/api/activity', {
    token: service_token(), body: { events: [view(other), view(full), view(other)] },
  });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.data.accepted, 2);
  assert.deepEqual(answer.body.data.rejected.map(({ index, code }) => [index, code]), [[1, 'VALIDATION_ERROR']]);
  assert.equal((await kpis_of(server, who)).landlordViews, 1000000000002);
  await server.stop();
});

test('dashboards that come and go while the database is away leave nothing broken behind', async () => {
  const server = await start_server();
  const file = server.database.slice('sqlite:'.length);
  const who = tenant();
  await create_business(server, who);
  const stays = await connected(server, { token: who.token });
  renameSync(file, `${file}.hidden`);
  // Their first read fails and is to be tried again when the last socket of its tenant leaves.
  for (let round = 0; round < 3; ++round) {
    const guests = [who, tenant(), tenant()].map(({ token }) => client(server, { token }));
    await within(Promise.all(guests.map((guest) => once(guest, 'connect'))), 'guests');
    for (const guest of guests) guest.disconnect();
  }
  stays.emit('request:current-state');
  renameSync(`${file}.hidden`, file);
  await create_business(server, who, { name: 'afterwards' });
  await event(stays, 'business:created', ({ business }) => business.name === 'afterwards');
  const late = await connected(server, { token: who.token });
  assert.equal((await settle(late)).total, 2);
  disconnect_all();
  await server.stop();
});
