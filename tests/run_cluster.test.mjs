// ./run cluster: three nodes behind nginx, and behind HAProxy, with a demo on top that survives the death of a node.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { local_haproxy_cfg } from '../deploy/local/proxies.mjs';
import {
  api, assert, build, client, disconnect_all, event, free_port, Program, root, settle, temporary_folder, wait_for, within,
} from './harness.mjs';

async function start_cluster() {
  const port = await free_port();
  const cluster = new Program(process.execPath, [join(root, 'deploy/local/cluster.mjs')], { cwd: root, env: { PULSE_BUILD: build, PORT: String(port) } });
  const [, url] = await cluster.line(/listening on (http:\S+)/, 60_000);
  await cluster.line(/Ctrl-C ends everything/);
  const folder = /logs: (\S+)/.exec(cluster.stdout)[1];
  const nodes = [...cluster.stdout.matchAll(/^node\d: http:\/\/(\S+)/gm)].map(([, address]) => address);
  const session = await fetch(`${url}/demo/session`);
  const cookie = session.headers.get('set-cookie').split(';')[0];
  return Object.assign(cluster, { url, port, folder, nodes, cookie, token: cookie.split('=')[1] });
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

  test('the page and its session', async () => {
    assert.match(await (await fetch(cluster.url)).text(), /<title>Pulseboard<\/title>/);
    assert.match(cluster.cookie, /^accessToken=/);
    const pause = (paused) => fetch(`${cluster.url}/demo/simulator`, { method: 'POST', body: JSON.stringify({ paused }) }).then((a) => a.json());
    assert.equal((await pause(true)).data.paused, true);
    assert.equal((await pause(false)).data.paused, false);
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

  test('Ctrl-C ends and deletes everything', async () => {
    const pids = ['node1', 'node2', 'node3', 'nginx'].map((name) => Number(readFileSync(join(cluster.folder, `${name}.pid`), 'utf8')));
    cluster.child.kill('SIGINT');
    assert.deepEqual(await within(cluster.exited, 'the end', 40_000), { code: 0, signal: null }, cluster.said());
    assert.ok(!existsSync(cluster.folder));
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), `${pid} is still there`);
    await assert.rejects(fetch(cluster.url));
  });
});

test('a cluster that is killed leaves nothing running', async () => {
  const cluster = await start_cluster();
  cluster.child.kill('SIGKILL');
  await wait_for(() => !existsSync(cluster.folder), 'the end of its folder', 20_000);
  await assert.rejects(fetch(`http://${cluster.nodes[0]}/health`));
});
