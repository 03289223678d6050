// What every suite stands on: a program started on a free port with a database of its own, tokens, the
// official client with a record of what it received, and waiting for a condition with a bound.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { io } from 'socket.io-client';
import { free_port, psql, start_postgres, start_redis } from '../deploy/local/backends.mjs';

export const uuid = randomUUID;
export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
export const build = process.env.PULSE_BUILD || join(root, 'build/release');
export const program = join(build, 'pulseboard');
export const secret = 'a secret of the tests, longer than 32 bytes';
// A sanitized program is several times slower: bounds stretch, what they bound does not change.
export const slow = process.env.PULSE_SANITIZE ? 4 : 1;
// What stands behind the servers: SQLite and the process's own cache, or PostgreSQL and Redis.
export const backend = process.env.PULSE_BACKEND || 'sqlite';
export { free_port };

// ---------------------------------------------------------------- waiting

// Waits until `condition` gives something true, and gives that; fails after `bound` milliseconds.
export async function wait_for(condition, what, bound = 10_000) {
  const end = Date.now() + bound * slow;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`not within ${bound * slow} ms: ${typeof what === 'function' ? what() : what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

export async function within(promise, what, bound = 10_000) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not within ${bound * slow} ms: ${what}`)), bound * slow);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// ---------------------------------------------------------------- programs

// The environment of a program under test: nothing of ours that it would read as a setting.
function environment(extra) {
  const kept = {};
  for (const name of Object.keys(process.env))
    if (/^(PATH|HOME|TMPDIR|LANG|[A-Z]+SAN_OPTIONS)$/.test(name)) kept[name] = process.env[name];
  return { ...kept, ...extra };
}

const prefix = 'pulseboard-test-';
const folders = [];

function ended(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

// Lives as long as this process. One that is killed cannot clean up: the next does it, by the id in the name.
export function temporary_folder() {
  if (folders.length === 0)
    for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix)))
      if (ended(Number.parseInt(name.slice(prefix.length), 10)))
        rmSync(join(tmpdir(), name), { recursive: true, force: true });
  folders.push(mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`)));
  return folders.at(-1);
}

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

export class Program {
  constructor(path, args, { env = {}, cwd } = {}) {
    this.stdout = '';
    this.stderr = '';
    // What it puts into the folder for temporary files goes with its own.
    this.child = spawn(path, args, { env: environment(cwd ? { TMPDIR: cwd, ...env } : env), cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => (this.stdout += text));
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.stderr += text));
    this.exit = null;
    this.exited = new Promise((done, fail) => {
      this.child.once('error', fail);
      this.child.once('close', (code, signal) => done((this.exit = { code, signal })));
    });
    this.exited.catch(() => {});
    // A test that failed before it stopped its program must not wait for it.
    for (const handle of [this.child, this.child.stdin, this.child.stdout, this.child.stderr]) handle.unref();
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
  }

  said() {
    return `\n--- standard output\n${this.stdout.slice(-3000)}\n--- standard error\n${this.stderr.slice(-6000)}`;
  }

  async line(pattern, bound = 20_000) {
    const found = await wait_for(
      () => pattern.exec(this.stdout) || (this.exit && { ended: true }),
      () => `the line ${pattern}${this.said()}`,
      bound,
    );
    if (found.ended) assert.fail(`ended with ${JSON.stringify(this.exit)} before the line ${pattern}${this.said()}`);
    return found;
  }

  assert_clean() {
    assert.doesNotMatch(this.stderr, /Sanitizer|runtime error:/, this.said());
  }

  // SIGTERM, and what the contract promises for it.
  async stop(bound = 20_000) {
    if (!this.exit) this.child.kill('SIGTERM');
    let ended;
    try {
      ended = await within(this.exited, 'the program ends on SIGTERM', bound);
    } catch (error) {
      this.child.kill('SIGKILL');
      error.message += this.said();
      throw error;
    }
    this.assert_clean();
    assert.deepEqual(ended, { code: 0, signal: null }, this.said());
  }
}

// ---------------------------------------------------------------- databases

// This suite's own PostgreSQL and Redis, started when first asked for. They go with this process.
let servers;
export function backends() {
  servers ??= Promise.all([start_postgres({ template: join(build, 'postgres-template') }), start_redis()])
    .then(([postgres, redis]) => ({ postgres, redis }));
  return servers;
}

// The settings that name a new, empty database, and a Redis if there is one.
export async function new_database() {
  if (backend === 'sqlite') return { DATABASE_URL: `sqlite:${join(temporary_folder(), 'test.db')}` };
  const { postgres, redis } = await backends();
  return { DATABASE_URL: postgres.create_database(), REDIS_URL: redis.url };
}

// A writer that is not ours: the sqlite3 program on the same file with its defaults, or psql. Gives the rows, a
// line each, columns separated by |.
export function sql(database, text) {
  if (database.startsWith('postgresql:')) return psql(database, text);
  const done = spawnSync('sqlite3', ['-cmd', '.timeout 10000', database.replace(/^sqlite:/, '')], { input: text, encoding: 'utf8' });
  if (done.error) throw done.error;
  assert.equal(done.status, 0, `${done.stderr}\n${text.slice(0, 400)}`);
  return done.stdout.trim();
}

// ---------------------------------------------------------------- servers

// pulseboard serve, ready for requests, on a new database or with the `settings` of new_database().
// `admin: true` gives it a port for metrics.
export async function start_server({ env = {}, args = ['serve'], admin = false, settings } = {}) {
  const admin_port = admin ? await free_port() : 0;
  const database = settings ?? await new_database();
  const server = new Program(program, args, {
    cwd: temporary_folder(),
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      ADMIN_PORT: String(admin_port),
      JWT_SECRET: secret,
      RATE_LIMIT: '0',
      THREADS: '2',
      ...database,
      ...env,
    },
  });
  const [, url, host, port] = await server.line(/listening on (http:\/\/(\S+):(\d+))/);
  return Object.assign(server, {
    url,
    host,
    port: Number(port),
    settings: database,
    database: database.DATABASE_URL,
    admin_url: `http://127.0.0.1:${admin_port}`,
  });
}

// Runs the program to its end; gives {code, stdout, stderr}.
export function run_program(args, { env = {}, cwd, input } = {}) {
  const done = spawnSync(program, args, { env: environment(env), cwd, input, encoding: 'utf8', timeout: 30_000 * slow });
  // A program that ends before it read its input is no failure of the call.
  if (done.error && done.error.code !== 'EPIPE') throw done.error;
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/, done.stderr);
  return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr };
}

// The samples of GET /metrics whose name is `name`, added up.
export async function metric(server, name) {
  const text = await (await fetch(`${server.admin_url}/metrics`)).text();
  const samples = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+]+)$`, 'gm'))];
  assert.ok(samples.length > 0, `no sample of ${name} in /metrics:\n${text}`);
  return samples.reduce((sum, [, value]) => sum + Number(value), 0);
}

// ---------------------------------------------------------------- tokens and people

const base64url = (value) => Buffer.from(value).toString('base64url');

// Any JWT at all; `key` null leaves the signature empty.
export function jwt(claims, { header = { alg: 'HS256', typ: 'JWT' }, key = secret } = {}) {
  const signed = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  const signature = key === null ? '' : createHmac('sha256', key).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

export const seconds_now = () => Math.floor(Date.now() / 1000);

export function token_for(user_id, { role = 'tenant', email = `${user_id}@example.org`, ttl = 600 } = {}) {
  const now = seconds_now();
  return jwt({ userId: user_id, email, role, iat: now, exp: now + ttl });
}

export function tenant(options) {
  const id = uuid();
  return { id, email: `${id}@example.org`, token: token_for(id, options) };
}

export const service_token = () => token_for(uuid(), { role: 'service' });

// Signs in with the address and password that a demo printed; gives {cookie, token}.
export async function sign_in_to_demo(demo, url = demo.url) {
  const [, email, password] = /demo tenant: (\S+), password: (\S+)/.exec(demo.stdout);
  const answer = await api({ url }, 'POST', '/api/auth/login', { body: { email, password } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const cookie = answer.headers.getSetCookie()[0].split(';')[0];
  return { cookie, token: cookie.split('=')[1], user: answer.body.data.user };
}

// ---------------------------------------------------------------- REST

// {status, headers, body}: `body` is the parsed answer if it is JSON.
export async function api(server, method, path, { token, body, raw, headers = {} } = {}) {
  const sent = { ...headers };
  if (token) sent.authorization = `Bearer ${token}`;
  if (body !== undefined) sent['content-type'] ??= 'application/json';
  const answer = await fetch(server.url + path, {
    method,
    headers: sent,
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    redirect: 'manual',
  });
  const text = await answer.text();
  const is_json = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: answer.status, headers: answer.headers, body: is_json ? JSON.parse(text) : text };
}

export async function create_business(server, who, fields = {}) {
  const body = { name: 'Corner Shop', category: 'retail', status: 'active', ...fields };
  const answer = await api(server, 'POST', '/api/businesses', { token: who.token, body });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.data.business;
}

export async function record(server, business, counts) {
  const events = Object.entries(counts).map(([type, count]) => ({ id: uuid(), businessId: business.id, type, count }));
  const answer = await api(server, 'POST', '/api/activity', { token: service_token(), body: { events } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.body.data.accepted, events.length, JSON.stringify(answer.body));
}

export async function kpis_of(server, who) {
  const answer = await api(server, 'GET', '/api/dashboard/tenant/kpis', { token: who.token });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.data;
}

// ---------------------------------------------------------------- the official client

export const transports = {
  websocket: { transports: ['websocket'] },
  polling: { transports: ['polling'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

const open_sockets = new Set();

// A client whose `received` lists every event as {event, payload, at}.
export function client(server, { token, nsp = '/dashboard', transport = 'websocket', ...options } = {}) {
  const socket = io(server.url + nsp, {
    forceNew: true,
    reconnection: false,
    ...transports[transport],
    ...(token === undefined ? {} : { auth: { token } }),
    ...options,
  });
  socket.received = [];
  socket.onAny((event, payload) => socket.received.push({ event, payload, at: Date.now() }));
  open_sockets.add(socket);
  return socket;
}

// Connected, on its final transport, and shown the current state.
export async function connected(server, options) {
  const socket = client(server, options);
  await within(
    new Promise((done, fail) => {
      socket.once('connect', done);
      socket.once('connect_error', fail);
    }),
    'connect',
  );
  if (options.transport === 'upgrade')
    await wait_for(() => socket.io.engine?.transport.name === 'websocket', 'the upgrade to websocket');
  await event(socket, 'kpi:update');
  return socket;
}

// The connect_error that a client gets.
export async function refusal(server, options) {
  const socket = client(server, options);
  const error = await within(
    new Promise((done, fail) => {
      socket.once('connect_error', done);
      socket.once('connect', () => fail(new Error('was let in')));
    }),
    'connect_error',
  );
  socket.disconnect();
  return error;
}

// The first received payload of `name`, from index `from`, that satisfies `wanted`.
export async function event(socket, name, wanted = () => true, { from = 0, bound } = {}) {
  const found = await wait_for(
    () => socket.received.slice(from).find((r) => r.event === name && wanted(r.payload)),
    () => `${name}; received ${JSON.stringify(socket.received.slice(from)).slice(0, 2000)}`,
    bound,
  );
  return found.payload;
}

// A barrier: when the answer is here, everything sent before it is here too.
export async function settle(socket) {
  return within(
    new Promise((done) => socket.emit('request:current-state', done)),
    'the answer to request:current-state',
  );
}

export function disconnect_all() {
  for (const socket of open_sockets) socket.disconnect();
  open_sockets.clear();
}

export { assert, once };
