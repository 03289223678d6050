// ./run cluster: what production looks like, on one machine and without containers. A private PostgreSQL and Redis,
// three nodes, nginx in front on 127.0.0.1:4000 (PORT changes that) with deploy/nginx.conf, and a demo tenant whose
// landlords never stop. A node that is killed is started again. Everything ends, and is deleted, with this process.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { free_port, Home, is_free, start_postgres, start_redis } from './backends.mjs';
import { Demo } from './demo.mjs';
import { local_nginx_conf } from './proxies.mjs';

const root = resolve(new URL('../..', import.meta.url).pathname);
const program = join(process.env.PULSE_BUILD || join(root, 'build/release'), 'pulseboard');
const port = Number(process.env.PORT || 4000);
const start_within = Number(process.env.START_WITHIN || 60_000);  // milliseconds, each of them
const settings = { PATH: process.env.PATH, HOST: '127.0.0.1', JWT_SECRET: randomBytes(32).toString('base64url') };

let stopping = false;
const instances = [];

async function stop(code) {
  if (stopping) return;
  stopping = true;
  demo?.stop();
  for (const instance of instances) await instance.stop();  // nodes and nginx first: they drain
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));

function fail(problem) {
  if (stopping) return;
  console.error(`run cluster: ${problem.message ?? problem}`);
  stop(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

// A program whose output goes to NAME.log, and whose pid to a file by which the home's keeper finds it.
function start(home, name, command, args, env) {
  const log_path = join(home.folder, `${name}.log`);
  const log = openSync(log_path, 'a');
  const child = spawn(command, args, { cwd: home.folder, env, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.once('error', fail);
  if (child.pid) writeFileSync(join(home.folder, `${name}.pid`), `${child.pid}\n`);
  child.said = () => readFileSync(log_path, 'utf8').slice(-2000);
  return child;
}

async function answers(url, child, name, bound) {
  const end = Date.now() + bound;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${name} ended:\n${child.said()}`);
    const left = end - Date.now();
    if (left <= 0) throw new Error(`${name} did not answer within ${bound} ms:\n${child.said()}`);
    const answer = await fetch(url, { signal: AbortSignal.timeout(Math.min(5_000, left)) }).catch(() => null);
    if (answer?.ok) return;
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function start_node(home, name, env, bound) {
  const url = `http://127.0.0.1:${env.PORT}`;
  const child = start(home, name, program, ['serve'], env);
  await answers(`${url}/ready`, child, name, bound);
  child.once('exit', async (code, signal) => {
    if (stopping) return;
    console.log(`${name} ended (${signal ?? code}), starting it again`);
    await restart(home, name, env);
  });
  return { name, url, metrics: `http://127.0.0.1:${env.ADMIN_PORT}/metrics` };
}

// One may end while it is being started, too; one that ends time after time has something to say.
async function restart(home, name, env) {
  for (let attempt = 1; !stopping; attempt += 1) {
    try {
      await start_node(home, name, env, Infinity);  // however long the database is away
      console.log(`${name} is back`);
      return;
    } catch (problem) {
      if (attempt === 5) return fail(problem);
    }
    await new Promise((done) => setTimeout(done, 200 * attempt));
  }
}

// Runs a command of the program; what it prints.
function tell(args, input) {
  const done = spawnSync(program, args, { env: settings, cwd: '/', input, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(done.stderr || String(done.error));
  return done.stdout.trim();
}
const token = (...args) => tell(['token', ...args, '--ttl', '30d']);

let demo;
async function main() {
  if (!await is_free(port)) throw new Error(`port ${port} is taken; PORT=5000 ./run cluster listens elsewhere`);
  const home = new Home('cluster');
  instances.push(home);
  const postgres = await start_postgres();
  instances.push(postgres);
  const redis = await start_redis();
  instances.push(redis);
  Object.assign(settings, { DATABASE_URL: postgres.create_database(), REDIS_URL: redis.url });

  const nodes = await Promise.all([1, 2, 3].map(async (n) =>
    start_node(home, `node${n}`, { ...settings, PORT: String(await free_port()), ADMIN_PORT: String(await free_port()) }, start_within)));

  const conf = join(home.folder, 'nginx.conf');
  chmodSync(home.folder, 0o711);  // as root nginx lets nobody work, in folders of his own below this one
  writeFileSync(conf, local_nginx_conf({ folder: home.folder, port, nodes: nodes.map(({ url }) => url.slice(7)) }));
  const nginx = start(home, 'nginx', 'nginx', ['-e', 'stderr', '-c', conf, '-g', 'daemon off;'], { PATH: `${process.env.PATH}:/usr/sbin` });
  nginx.once('exit', () => fail(`nginx ended:\n${nginx.said()}`));
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health`, nginx, 'nginx', start_within);

  const email = 'demo@pulseboard.example';
  const password = randomBytes(12).toString('base64url');
  const id = tell(['user', 'add', '--email', email, '--role', 'tenant', '--password-stdin'], password);
  demo = new Demo({
    url,
    tenant: { id, email, token: token('--user', id, '--email', email, '--role', 'tenant') },
    service: token('--user', randomUUID(), '--role', 'service'),
  });
  await demo.fill();
  demo.start();

  console.log(`listening on ${url}`);
  console.log(`demo tenant: ${email}, password: ${password}`);
  for (const node of nodes) console.log(`${node.name}: ${node.url}  metrics: ${node.metrics}  pid: ${join(home.folder, `${node.name}.pid`)}`);
  console.log(`SQL prompt: psql ${settings.DATABASE_URL}`);
  console.log(`Redis: redis-cli -p ${redis.port}`);
  console.log(`logs: ${home.folder}`);
  console.log('Ctrl-C ends everything');
}

main().catch(fail);
