// The private PostgreSQL and Redis that other suites stand on: they come, can be killed and frozen, and go.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { psql, start_postgres } from '../deploy/local/backends.mjs';
import { assert, backends, once, root, wait_for } from './harness.mjs';

let postgres;
let redis;
before(async () => { ({ postgres, redis } = await backends()); });
after(() => Promise.all([postgres?.stop(), redis?.stop()]));

test('PostgreSQL has what it acknowledged when it is back after SIGKILL', async () => {
  const url = postgres.create_database();
  psql(url, 'CREATE TABLE kept(n int); INSERT INTO kept VALUES (1), (2);');
  await postgres.kill();
  assert.throws(() => psql(url, 'SELECT 1;'));
  await postgres.start();
  assert.equal(psql(url, 'SELECT sum(n) FROM kept;'), '3');
});

test('Redis comes back empty after SIGKILL, and answers nothing while frozen', async () => {
  await redis.kill();
  assert.equal(await redis.ask(), false);
  await redis.start();
  redis.freeze();
  const answer = redis.ask();
  assert.equal(await Promise.race([answer, new Promise((done) => setTimeout(done, 200, 'none'))]), 'none');
  redis.thaw();
  assert.equal(await answer, true);
});

test('databases are separate, and a port may be asked for', async () => {
  const [one, two] = [postgres.create_database(), postgres.create_database()];
  psql(one, 'CREATE TABLE here(n int);');
  assert.equal(psql(two, "SELECT count(*) FROM pg_class WHERE relname = 'here';"), '0');
  await assert.rejects(start_postgres({ port: postgres.port }), /address|could not/);
});

test('they go with the process that wanted them, also when it is killed', async () => {
  const wants = spawn(process.execPath, ['--input-type=module', '-e', `
    import { start_postgres, start_redis } from ${JSON.stringify(join(root, 'deploy/local/backends.mjs'))};
    const all = await Promise.all([start_postgres(), start_redis()]);
    console.log(JSON.stringify(all.map(({ folder, port, child }) => ({ folder, port, pid: child.pid }))));
    setInterval(() => {}, 1000);`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(wants.stdout, 'data');
  const made = JSON.parse(line);
  assert.equal(made.length, 2);
  for (const { folder, pid } of made) {
    assert.ok(existsSync(folder));
    process.kill(pid, 0);
  }
  wants.kill('SIGKILL');
  for (const { folder, pid } of made) {
    await wait_for(() => !existsSync(folder), `the end of ${folder}`, 20_000);
    await wait_for(() => { try { process.kill(pid, 0); return false; } catch { return true; } }, `the end of ${pid}`);
  }
});
