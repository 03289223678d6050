// Private PostgreSQL and Redis instances in temporary folders, from the Debian packages: for the tests and for
// `./run cluster`. Nothing of the machine's own servers is touched. Each instance has a keeper, a shell that
// waits for its standard input to close and then ends the instance and deletes its folder: so they go with the
// process that wanted them, however that one ends.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, closeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// ---------------------------------------------------------------- what both need

export function is_free(port) {
  const probe = createServer();
  return new Promise((done) => {
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

// Below the range from which the kernel hands out ports, so that no port 0 of a neighbour can take it.
let next_port = 0;
export async function free_port() {
  for (;;) {
    const port = 12_000 + ((process.pid * 13 + next_port++) % 18_000);
    if (await is_free(port)) return port;
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(condition, what, bound = 30_000) {
  const end = Date.now() + bound;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${bound} ms: ${typeof what === 'function' ? what() : what}`);
    await pause(10);
  }
}

function is_alive(pid) {
  try {
    process.kill(pid, 0);
    // Who was killed but not yet waited for is no more.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '')[0] !== 'Z';
  } catch {
    return false;
  }
}

// Ends by the pid files, so that it holds whichever incarnation runs at the moment. QUIT makes PostgreSQL leave
// at once without a checkpoint, and without leaving shared memory behind as KILL does.
const keeper_script = `
trap '' INT TERM HUP
cat > /dev/null
end() {
  [ -s "$1" ] && read -r pid < "$1" || return
  kill -CONT "$pid"; kill "$2" "$pid" || return
  for try in $(seq 200); do kill -0 "$pid" || return; sleep 0.05; done
  kill -KILL "$pid"
}
for file in "$1"/*.pid; do end "$file" -TERM & done 2> /dev/null
wait
end "$1/data/postmaster.pid" -QUIT 2> /dev/null
rm -rf "$1"`;

// A temporary folder, deleted at the end together with whatever left its pid in a file there.
export class Home {
  constructor(name) {
    this.folder = mkdtempSync(join(tmpdir(), `pulseboard-${name}-`));
    this.keeper = spawn('sh', ['-c', keeper_script, 'keeper', this.folder], {
      cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.keeper.unref();
    this.keeper.stdin.unref();
    this.keeper.stdin.on('error', () => {});
  }

  async stop() {
    const gone = once(this.keeper, 'exit');
    this.keeper.ref();
    this.keeper.stdin.end();
    await gone;
  }
}

class Instance extends Home {
  constructor(name, port) {
    super(name);
    this.port = port;
  }

  log() {
    return readFileSync(join(this.folder, 'log'), 'utf8').slice(-4000);
  }

  spawn(command, args, options = {}) {
    const log = openSync(join(this.folder, 'log'), 'a');
    this.child = spawn(command, args, { cwd: this.folder, detached: true, stdio: ['ignore', log, log], ...options });
    closeSync(log);
    this.child.unref();
    this.ended = once(this.child, 'exit');
    this.ended.catch(() => {});
  }

  async answers() {
    const fine = await until(
      async () => this.child.exitCode !== null || this.child.signalCode !== null ? 'ended' : (await this.ask()) && 'fine',
      () => `an answer from ${this.constructor.name}\n${this.log()}`);
    if (fine === 'ended') throw new Error(`${this.constructor.name} ended at once\n${this.log()}`);
  }

  // SIGKILL to all of it; returns when nothing is left.
  async kill() {
    const pids = [this.child.pid, ...children_of(this.child.pid)];
    for (const pid of pids) try { process.kill(pid, 'SIGKILL'); } catch { /* gone already */ }
    this.child.ref();
    await this.ended;  // waited for: the next one would take a zombie for a living owner of the pid file
    await until(() => !pids.some(is_alive), 'the end of what was killed');
  }

  // SIGSTOP: connections are kept and taken, and nothing is answered.
  freeze() {
    for (const pid of [this.child.pid, ...children_of(this.child.pid)]) process.kill(pid, 'SIGSTOP');
  }
  thaw() {
    for (const pid of [this.child.pid, ...children_of(this.child.pid)]) process.kill(pid, 'SIGCONT');
  }
}

function children_of(parent) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[1] === String(parent);
    } catch {
      return false;
    }
  });
}

// ---------------------------------------------------------------- PostgreSQL

// The newest of the installed ones that we serve.
function postgres_programs() {
  const parent = '/usr/lib/postgresql';
  const versions = existsSync(parent) ? readdirSync(parent).map(Number).filter((v) => v >= 15).sort((a, b) => a - b) : [];
  const folder = versions.map((v) => join(parent, String(v), 'bin')).findLast((path) => existsSync(join(path, 'postgres')));
  if (!folder) throw new Error('needs PostgreSQL 15 or later in /usr/lib/postgresql (package postgresql-15)');
  return folder;
}

// PostgreSQL refuses root: then it runs as the user that its package made.
function postgres_user() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

// initdb takes two seconds of a core; with `template`, a folder, it is done once and copied from there.
function make_data(folder, user, template) {
  const own = () => { if (user.uid !== undefined) run('chown', ['-R', `${user.uid}:${user.gid}`, folder]); };
  const data = join(folder, 'data');
  own();
  if (template && existsSync(template)) {
    cpSync(template, data, { recursive: true });
    chmodSync(data, 0o700);
    own();
    return;
  }
  run(join(postgres_programs(), 'initdb'), [
    '-D', data, '-U', 'pulse', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions',
  ], { cwd: folder, ...user });
  if (!template) return;
  const copy = `${template}.${process.pid}`;
  cpSync(data, copy, { recursive: true });
  try {
    renameSync(copy, template);
  } catch {
    rmSync(copy, { recursive: true });  // a neighbour was first
  }
}

class Postgres extends Instance {
  async start() {
    this.spawn(join(postgres_programs(), 'postgres'), [
      '-D', join(this.folder, 'data'), '-p', String(this.port), '-k', this.folder,
      '-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-c', 'shared_buffers=64MB',
      // Killing processes loses nothing that the kernel has; only a machine that dies would need fsync.
      '-c', `fsync=${this.durable ? 'on' : 'off'}`, '-c', 'timezone=UTC', '-c', 'log_line_prefix=%m [%p] %q%a %d ',
    ], this.user);
    await this.answers();
  }

  // By its own socket: on the port another one may answer.
  ask() {
    return spawnSync(join(postgres_programs(), 'pg_isready'), ['-q', '-d', 'postgres', '-U', 'pulse', '-h', this.folder, '-p', String(this.port)]).status === 0;
  }

  url(database = 'postgres') {
    return `postgresql://pulse@127.0.0.1:${this.port}/${database}`;
  }

  // The URL of a new, empty database.
  create_database() {
    this.databases = (this.databases ?? 0) + 1;
    const url = this.url(`pulse_${this.databases}`);
    psql(this.url(), `CREATE DATABASE pulse_${this.databases};`);
    return url;
  }
}

export async function start_postgres({ template, port, durable = false } = {}) {
  const instance = new Postgres('postgres', port ?? await free_port());
  try {
    instance.user = postgres_user();
    instance.durable = durable;
    make_data(instance.folder, instance.user, template);
    await instance.start();
  } catch (error) {
    await instance.stop();
    throw error;
  }
  return instance;
}

// Runs the statements and gives the rows, a line each, columns separated by |.
export function psql(url, sql) {
  const done = spawnSync('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', url], { input: sql, encoding: 'utf8' });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${done.stderr}\n${sql.slice(0, 400)}`);
  return done.stdout.trim();
}

// ---------------------------------------------------------------- Redis

class Redis extends Instance {
  async start() {
    this.spawn('redis-server', [
      '--bind', '127.0.0.1', '--port', String(this.port), '--unixsocket', join(this.folder, 'redis.sock'),
      '--dir', this.folder, '--pidfile', join(this.folder, 'redis.pid'), '--daemonize', 'no', '--save', '', '--appendonly', 'no',
    ]);
    await this.answers();
  }

  // The raw answer: "+PONG", ":1", "$5\r\nvalue".
  command(...words) {
    return new Promise((done, fail) => {
      const socket = connect(join(this.folder, 'redis.sock'), () =>
        socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`));
      socket.once('data', (bytes) => { socket.destroy(); done(bytes.toString().trim()); });
      socket.once('error', fail);
    });
  }

  ask() {
    return this.command('PING').then((answer) => answer === '+PONG', () => false);
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }
}

export async function start_redis({ port } = {}) {
  const instance = new Redis('redis', port ?? await free_port());
  try {
    await instance.start();
  } catch (error) {
    await instance.stop();
    throw error;
  }
  return instance;
}
