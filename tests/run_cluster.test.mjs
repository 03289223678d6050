// ./run cluster: three nodes behind nginx, and behind HAProxy, with a demo on top that survives the death of a node.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { local_haproxy_cfg } from '../deploy/local/proxies.mjs';
import {
  api, assert, build, client, disconnect_all, event, free_port, Program, root, settle, sign_in_to_demo, temporary_folder, wait_for, within,
} from './harness.mjs';

async function start_cluster() {
  const port = await free_port();
  const cluster = new Program(process.execPath, [join(root, 'deploy/local/cluster.mjs')], { cwd: root, env: { PULSE_BUILD: build, PORT: String(port) } });
  const [, url] = await cluster.line(/listening on (http:\S+)/, 60_000);
  await cluster.line(/Ctrl-C ends everything/);
  const folder = /logs: (\S+)/.exec(cluster.stdout)[1];
  const nodes = [...cluster.stdout.matchAll(/^node\d: http:\/\/(\S+)/gm)].map(([, address]) => address);
  const { cookie, token } = await sign_in_to_demo(cluster, url);
  return Object.assign(cluster, { url, port, folder, nodes, cookie, token });
}

// Every process there is: its parent, its name, and when it began, by which it differs from a later one of its number.
function processes() {
  const all = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, comm, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      const fields = rest.split(' ');
      if (fields[0] !== 'Z') all.set(Number(pid), { pid: Number(pid), comm, parent: Number(fields[1]), began: fields[19] });
    } catch { /* ended meanwhile */ }
  }
  return all;
}

// What runs for the cluster: its six programs, with their workers and keepers.
function programs_of(cluster) {
  const all = [...processes().values()];
  const below = (pid) => all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  const own = below(cluster.child.pid);
  const names = own.filter(({ parent }) => parent === cluster.child.pid).map(({ comm }) => comm).filter((comm) => comm !== 'sh');
  assert.deepEqual(names.sort(), ['nginx', 'postgres', 'pulseboard', 'pulseboard', 'pulseboard', 'redis-server']);
  return own;
}

async function all_end(programs) {
  const left = () => {
    const now = processes();
    return programs.filter(({ pid, began }) => now.get(pid)?.began === began);
  };
  await wait_for(() => left().length === 0, () => `the end of ${left().map(({ comm, pid }) => `${comm} ${pid}`)}`, 20_000);
}

// What serves 127.0.0.1 serves sockets of each kind, through whichever node.
function serves_sockets(front) {
  for (const transport of ['websocket', 'polling', 'upgrade']) {
    test(`sockets by ${transport}`, async () => {
      for (let i = 0; i < 3; ++i) {
        const socket = client(front(), { token: front().token, transport });
        await event(socket, 'kpi:update');
        if (transport === 'upgrade') await wait_for(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
        const { kpis } = await settle(socket);
        await event(socket, 'kpi:update', (p) => JSON.stringify(p.kpis) !== JSON.stringify(kpis), { bound: 20_000 });
        socket.disconnect();
      }
    });
  }

  test('REST with the cookie, and nothing for operators', async () => {
    const answer = await api(front(), 'GET', '/api/dashboard/tenant', { headers: { cookie: front().cookie } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.data.total, 25);
    for (const hidden of ['/metrics', '/ready']) assert.equal((await api(front(), 'GET', hidden)).status, 404, hidden);
    assert.equal((await api(front(), 'GET', '/health')).status, 200);
  });
}

describe('./run cluster', () => {
  let cluster;
  before(async () => { cluster = await start_cluster(); });
  afterEach(disconnect_all);
  after(() => cluster && !cluster.exit && cluster.stop(40_000));

  describe('through nginx', () => serves_sockets(() => cluster));

  describe('through HAProxy', () => {
    const front = {};
    let haproxy;
    before(async () => {
      const port = await free_port();
      const cfg = join(temporary_folder(), 'haproxy.cfg');
      writeFileSync(cfg, local_haproxy_cfg({ port, nodes: cluster.nodes }));
      haproxy = new Program('haproxy', ['-db', '-f', cfg], { env: { PATH: `${process.env.PATH}:/usr/sbin` } });
      Object.assign(front, { url: `http://127.0.0.1:${port}`, token: cluster.token, cookie: cluster.cookie });
      await wait_for(() => fetch(`${front.url}/health`).then((answer) => answer.ok, () => false), () => `HAProxy${haproxy.said()}`);
    });
    after(() => haproxy?.child.kill('SIGKILL'));
    serves_sockets(() => front);
  });

  test('the page', async () => {
    assert.match(await (await fetch(cluster.url)).text(), /<title>Pulseboard<\/title>/);
  });

  test('a second one on the same port says that it is taken', async () => {
    const second = new Program(process.execPath, [join(root, 'deploy/local/cluster.mjs')], { cwd: root, env: { PULSE_BUILD: build, PORT: String(cluster.port) } });
    assert.deepEqual(await within(second.exited, 'the end', 20_000), { code: 1, signal: null });
    assert.match(second.stderr, new RegExp(`port ${cluster.port} is taken`));
  });

  test('a node is killed: its dashboards move to another and miss nothing, and it comes back', async () => {
    const sockets = Array.from({ length: 9 }, () => client(cluster, { token: cluster.token, reconnection: true, reconnectionDelay: 50 }));
    for (const socket of sockets) await event(socket, 'kpi:update');
    const pid = Number(readFileSync(join(cluster.folder, 'node2.pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await cluster.line(/node2 is back/);
    const from = sockets.map((socket) => socket.received.length);
    for (const [i, socket] of sockets.entries()) await event(socket, 'kpi:update', undefined, { from: from[i], bound: 20_000 });
    assert.ok(Number(readFileSync(join(cluster.folder, 'node2.pid'), 'utf8')) !== pid);
  });

  test('a node that is killed while it is being started again comes back too', async () => {
    const pid = () => Number(readFileSync(join(cluster.folder, 'node3.pid'), 'utf8'));
    const killed = [];
    for (let i = 0; i < 2; ++i) {
      await wait_for(() => pid() && !killed.includes(pid()), 'the next node3');
      killed.push(pid());
      process.kill(pid(), 'SIGKILL');
    }
    await cluster.line(/node3 is back/);
    assert.ok(!killed.includes(pid()));
  });

  test('Ctrl-C ends and deletes everything', async () => {
    const programs = programs_of(cluster);
    cluster.child.kill('SIGINT');
    assert.deepEqual(await within(cluster.exited, 'the end', 40_000), { code: 0, signal: null }, cluster.said());
    assert.ok(!existsSync(cluster.folder));
    await all_end(programs);
    await assert.rejects(fetch(cluster.url));
  });
});

test('a cluster that is killed leaves nothing running', async () => {
  const cluster = await start_cluster();
  const programs = programs_of(cluster);
  cluster.child.kill('SIGKILL');
  await wait_for(() => !existsSync(cluster.folder), 'the end of its folder', 20_000);
  await all_end(programs);
});

test('a node that never answers ends the start, and what it was', async () => {
  const folder = temporary_folder();
  writeFileSync(join(folder, 'pulseboard'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const cluster = new Program(process.execPath, [join(root, 'deploy/local/cluster.mjs')], {
    cwd: root, env: { PULSE_BUILD: folder, PORT: String(await free_port()), START_WITHIN: '500' },
  });
  assert.deepEqual(await within(cluster.exited, 'the end', 40_000), { code: 1, signal: null }, cluster.said());
  assert.match(cluster.stderr, /node\d did not answer within 500 ms/);
});
