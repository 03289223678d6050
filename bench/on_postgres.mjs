// Runs a benchmark on a private PostgreSQL, durable as in production (fsync on), and a private Redis:
//
//     node bench/on_postgres.mjs bench/delivery.sh [arguments]
import { spawn } from 'node:child_process';
import { start_postgres, start_redis } from '../deploy/local/backends.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('usage: node bench/on_postgres.mjs COMMAND [ARGUMENT…]');
  process.exit(2);
}
const [postgres, redis] = await Promise.all([start_postgres({ durable: true }), start_redis()]);
const url = postgres.create_database();
const env = { ...process.env, DATABASE_URL: url, REDIS_URL: redis.url };
const code = await new Promise((done) => {
  spawn(command, args, { stdio: 'inherit', env }).once('exit', done).once('error', (error) => {
    console.error(error.message);
    done(1);
  });
});
await Promise.all([postgres.stop(), redis.stop()]);
process.exitCode = code ?? 1;
