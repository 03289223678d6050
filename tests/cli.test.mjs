// The command line: subcommands, settings and where they come from, exit codes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import {
  Program, api, assert, backend, jwt, new_database, program, run_program, secret, sign_in_to_demo, sql, start_server, temporary_folder, uuid, wait_for,
} from './harness.mjs';

const cwd = temporary_folder();
let database;
before(async () => { database = await new_database(); });
const run = (args, { env = {}, ...options } = {}) =>
  run_program(args, { cwd, env: { ...database, JWT_SECRET: secret, ...env }, ...options });

function settings(text) {
  return Object.fromEntries(text.trim().split('\n').map((line) => {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? assert.fail(`no NAME=value line: ${line}`);
    return [name, value];
  }));
}

describe('pulseboard', () => {
  test('--version and --help exit 0', () => {
    assert.match(run(['--version']).stdout, /\d+\.\d+\.\d+/);
    const help = run(['--help']);
    assert.equal(help.code, 0);
    for (const name of ['serve', 'demo', 'migrate', 'recount', 'token', 'user', 'check-config']) assert.match(help.stdout, new RegExp(name));
  });

  test('exits 2 on wrong usage, with a line on standard error', () => {
    for (const args of [[], ['nothing'], ['serve', '--nothing'], ['serve', '--port', 'http'], ['serve', '--port', '70000'], ['token'],
      ['token', '--user', '42'], ['token', '--user', uuid(), '--ttl', 'soon'], ['user'], ['user', 'add'],
      ['user', 'add', '--email', 'a@example.org', '--role', 'emperor', '--password-stdin']]) {
      const done = run(args, { input: 'a long password\n' });
      assert.equal(done.code, 2, `${args}: ${done.stdout}${done.stderr}`);
      assert.notEqual(done.stderr.trim(), '', `${args}`);
    }
  });
});

describe('migrate', () => {
  test('creates the schema, and may be repeated', async () => {
    const env = await new_database();
    for (let i = 0; i < 2; ++i) {
      const done = run(['migrate'], { env });
      assert.equal(done.code, 0, done.stderr);
    }
    const list = { sqlite: "SELECT name FROM sqlite_master WHERE type = 'table';", postgres: 'SELECT relname FROM pg_class;' };
    const tables = sql(env.DATABASE_URL, list[backend]).split('\n');
    for (const name of ['users', 'businesses', 'business_metrics', 'tenant_kpis', 'tenant_changes']) assert.ok(tables.includes(name), name);
  });

  test('says which database cannot be opened', () => {
    const done = run(['migrate'], { env: { DATABASE_URL: 'sqlite:/nowhere/at/all.db' } });
    assert.ok([1, 2].includes(done.code), `${done.code}`);
    assert.match(done.stderr, /nowhere/);
  });

  test('leaves a file that is no database alone', () => {
    writeFileSync(join(cwd, 'letter.db'), 'Dear all, this is not a database. '.repeat(100));
    const done = run(['migrate'], { env: { DATABASE_URL: 'sqlite:letter.db' } });
    assert.equal(done.code, 1);
    assert.notEqual(done.stderr.trim(), '');
  });
});

describe('recount', () => {
  const [user, business] = [uuid(), uuid()];
  let env;
  before(async () => {
    env = await new_database();
    assert.equal(run(['migrate'], { env }).code, 0);
    sql(env.DATABASE_URL, `INSERT INTO users(id, email, role) VALUES ('${user}', 'recount@example.org', 'tenant');
      INSERT INTO businesses (id, user_id, name, category, status) VALUES ('${business}', '${user}', 'n', 'c', 'active');
      INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES ('${business}', '2026-01-31', 7);`);
  });

  test('finds nothing wrong with what the triggers keep', () => {
    const done = run(['recount'], { env });
    assert.deepEqual([done.code, done.stdout, done.stderr], [0, '', '']);
  });

  test('names each difference and exits 1, and corrects it with --fix, as a change', () => {
    const table = { sqlite: 'tenant_kpis', postgres: 'pulseboard.tenant_kpis' }[backend];
    sql(env.DATABASE_URL, `UPDATE ${table} SET views = 9;`);
    const found = run(['recount'], { env });
    assert.equal(found.code, 1);
    assert.equal(found.stdout, `${user} views 9 instead of 7\n`);
    const fixed = run(['recount', '--fix'], { env });
    assert.equal(fixed.code, 0, fixed.stderr);
    assert.equal(fixed.stdout, `${user} views 9 instead of 7, corrected in version 3\n`);
    assert.equal(sql(env.DATABASE_URL, `SELECT views, version FROM ${table};`), '7|3');
    assert.equal(run(['recount'], { env }).code, 0);
  });
});

describe('token', () => {
  const claims_of = (text) => JSON.parse(Buffer.from(text.trim().split('.')[1], 'base64url'));

  test('prints an access token, for a tenant and 15 minutes by default', () => {
    const id = uuid();
    const done = run(['token', '--user', id]);
    assert.equal(done.code, 0, done.stderr);
    const claims = claims_of(done.stdout);
    assert.equal(claims.userId, id);
    assert.equal(claims.role, 'tenant');
    assert.equal(claims.exp - claims.iat, 900);
    assert.equal(done.stdout.trim(), jwt(claims, { header: JSON.parse(Buffer.from(done.stdout.split('.')[0], 'base64url')) }));
  });

  test('takes address, role and time to live', () => {
    for (const [ttl, seconds] of [['90s', 90], ['15m', 900], ['2h', 7200]]) {
      const done = run(['token', '--user', uuid(), '--email', 'l@example.org', '--role', 'landlord', '--ttl', ttl]);
      assert.equal(done.code, 0, done.stderr);
      const { email, role, exp, iat } = claims_of(done.stdout);
      assert.deepEqual({ email, role, lives: exp - iat }, { email: 'l@example.org', role: 'landlord', lives: seconds });
    }
  });

  test('needs a secret', () => {
    const done = run(['token', '--user', uuid()], { env: { JWT_SECRET: '' } });
    assert.equal(done.code, 2);
    assert.match(done.stderr, /JWT_SECRET/);
  });

  test('is accepted by the server', async () => {
    const server = await start_server();
    const token = run(['token', '--user', uuid()]).stdout.trim();
    assert.equal((await api(server, 'GET', '/api/dashboard/tenant', { token })).status, 200);
    await server.stop();
  });
});

describe('user add', () => {
  const add = (email, role, input, more = {}) =>
    run(['user', 'add', '--email', email, '--role', role, '--password-stdin'], { input, ...more });

  test('creates a user and prints the id', () => {
    const done = add('new@example.org', 'tenant', 'correct horse\n');
    assert.equal(done.code, 0, done.stderr);
    const id = done.stdout.trim();
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const row = sql(database.DATABASE_URL, `SELECT email || ' ' || role || ' ' || substr(password_hash, 1, 10) FROM users WHERE id = '${id}';`);
    assert.equal(row, 'new@example.org tenant $argon2id$');
  });

  test('exits 1 if the address exists, in any case of its letters', () => {
    assert.equal(add('twice@example.org', 'tenant', 'correct horse\n').code, 0);
    for (const email of ['twice@example.org', 'TWICE@Example.org']) {
      const done = add(email, 'tenant', 'correct horse\n');
      assert.equal(done.code, 1, email);
      assert.match(done.stderr, /exists/);
    }
  });

  test('wants at least 10 characters', () => {
    for (const password of ['123456789\n', '\n', '', 'ääää ääää\n']) {
      const done = add(`${uuid()}@example.org`, 'tenant', password);
      assert.notEqual(done.code, 0, JSON.stringify(password));
      if (password) assert.match(done.stderr, /10/);
    }
    assert.equal(add(`${uuid()}@example.org`, 'tenant', '1234567890').code, 0);
    assert.equal(add(`${uuid()}@example.org`, 'tenant', 'ääää äääää\r\n').code, 0);
  });

  test('prints nothing of the password', () => {
    const done = add(`${uuid()}@example.org`, 'broker', 'correct horse\n', { env: { LOG_LEVEL: 'trace' } });
    assert.doesNotMatch(done.stdout + done.stderr, /correct horse/);
  });
});

describe('check-config', () => {
  test('prints every setting with its default, secrets masked', () => {
    const done = run(['check-config'], { env: { DATABASE_URL: undefined, REDIS_URL: undefined } });
    assert.equal(done.code, 0, done.stderr);
    const shown = settings(done.stdout);
    const expected = {
      HOST: '127.0.0.1', PORT: '4000', DATABASE_URL: 'sqlite:pulseboard.db', ADMIN_PORT: '9464', RATE_LIMIT: '200',
      KPI_CACHE_TTL: '300', KPI_COALESCE_MS: '100', LOG_LEVEL: 'info', LOG_FORMAT: 'text', AUTO_MIGRATE: 'true',
      TRUSTED_PROXIES: '127.0.0.0/8,::1',
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(shown[name], value, name);
    for (const name of ['JWT_SECRET', 'JWT_PUBLIC_KEY_FILE', 'REDIS_URL', 'FRONTEND_URL', 'THREADS']) assert.ok(name in shown, name);
    assert.ok(Number(shown.THREADS) >= 1);
    assert.ok(!done.stdout.includes(secret));
    assert.notEqual(shown.JWT_SECRET, '');
  });

  test('masks the password in an address', () => {
    const done = run(['check-config'], { env: { DATABASE_URL: 'postgresql://me:hush-hush@db.example/x', REDIS_URL: 'redis://:whisper@r.example' } });
    assert.doesNotMatch(done.stdout + done.stderr, /hush-hush|whisper/);
  });

  test('exits 2 and names every setting that is wrong', () => {
    const wrong = {
      PORT: 'http', ADMIN_PORT: '-1', RATE_LIMIT: 'much', KPI_CACHE_TTL: 'x', KPI_COALESCE_MS: '-5', THREADS: '0', LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml', AUTO_MIGRATE: 'perhaps', DATABASE_URL: 'mysql://x', TRUSTED_PROXIES: '300.0.0.0/8', FRONTEND_URL: 'nothing',
      JWT_PUBLIC_KEY_FILE: '/nowhere.pem',
    };
    const done = run(['check-config'], { env: wrong });
    assert.equal(done.code, 2);
    for (const name of Object.keys(wrong)) assert.match(done.stderr, new RegExp(`\\b${name}\\b`), name);
  });

  test('.env is read, the environment goes before it, a flag before both', () => {
    const folder = temporary_folder();
    writeFileSync(join(folder, '.env'), [
      '# a comment', '', 'PORT=4001', 'KPI_CACHE_TTL="301"', "LOG_LEVEL='warn'", 'KPI_COALESCE_MS=101', 'RATE_LIMIT=5',
    ].join('\n'));
    const done = run_program(['check-config', '--port', '4003'], {
      cwd: folder, env: { JWT_SECRET: secret, PORT: '4002', KPI_COALESCE_MS: '102' },
    });
    assert.equal(done.code, 0, done.stderr);
    const shown = settings(done.stdout);
    assert.deepEqual(
      [shown.PORT, shown.KPI_COALESCE_MS, shown.KPI_CACHE_TTL, shown.LOG_LEVEL, shown.RATE_LIMIT], ['4003', '102', '301', 'warn', '5']);
  });
});

test('LOG_FORMAT=json writes one object per line', async () => {
  const server = await start_server({ env: { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' } });
  await api(server, 'GET', '/health');
  await server.stop();
  const lines = server.stderr.trim().split('\n').filter(Boolean);
  assert.ok(lines.length > 0, server.said());
  for (const line of lines) assert.equal(typeof JSON.parse(line), 'object', line);
});

test('the tenant of the demo can sign in, and its numbers move by themselves', async () => {
  const demo = new Program(program, ['demo'], { cwd: temporary_folder(), env: { PORT: '0', ADMIN_PORT: '0' } });
  const [, url] = await demo.line(/listening on (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
  try {
    await demo.line(/demo tenant: \S+, password: \S+/);
    const { cookie, user } = await sign_in_to_demo(demo, url);
    assert.match(user.id, /^[0-9a-f-]{36}$/);
    assert.equal(user.role, 'tenant');
    const headers = { cookie };
    const page = (await (await fetch(`${url}/api/dashboard/tenant`, { headers })).json()).data;
    assert.ok(page.total >= 25, `${page.total} businesses`);
    assert.equal(page.businesses.length, 20);
    assert.ok(page.kpis.landlordViews > 1000, `${page.kpis.landlordViews} views in 90 days`);
    const trends = (await (await fetch(`${url}/api/dashboard/tenant/trends?days=80`, { headers })).json()).data;
    assert.ok(trends.days.filter((d) => d.views > 0).length >= 60, 'history on most days');

    const kpis = async () => (await (await fetch(`${url}/api/dashboard/tenant/kpis`, { headers })).text());
    const first = await kpis();
    await wait_for(async () => (await kpis()) !== first, 'a number that moved', 15_000);
    const html = await (await fetch(`${url}/`)).text();
    assert.match(html, /<title>Pulseboard<\/title>/);
  } finally {
    await demo.stop();
  }
});
