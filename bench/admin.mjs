// What the admin namespace costs: the server's CPU time while it holds idle sockets, without the namespace, with
// nobody in it, and with an admin signed in.
//
//     node bench/admin.mjs [build directory, default build/release] [sockets, default 10000] [seconds, default 30]
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(new URL('../tests/package.json', import.meta.url));
const WebSocket = require('ws');
const { io } = require('socket.io-client');

const build = process.argv[2] ?? 'build/release';
const sockets = Number(process.argv[3] ?? 10_000);
const seconds = Number(process.argv[4] ?? 30);
const secret = 'a-secret-of-at-least-thirty-two-bytes';

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'u1', exp: Math.floor(Date.now() / 1000) + 3600 })}`;
const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;

// One that connects, and answers pings; no more.
const idle_socket = (port) => new Promise((done, fail) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
  socket.on('error', fail);
  socket.on('message', (data) => {
    const text = String(data);
    if (text[0] === '0') socket.send(`40/dashboard,${JSON.stringify({ token })}`);
    else if (text === '2') socket.send('3');
    else if (text.startsWith('40')) done(socket);
    else if (text.startsWith('44')) fail(new Error(text));
  });
});

// Of the process, in milliseconds: utime and stime, in ticks of 10 ms.
function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function measure(what, mode, admins) {
  const server = spawn(join(build, 'bench/fanout_server'), [],
    { env: { ...process.env, PORT: '0', SECRET: secret, THREADS: '2', ADMIN: mode }, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise((done) => server.stdout.on('data', (text) => done(/:(\d+)\s/.exec(text)[1])));
    const crowd = [];
    while (crowd.length < sockets)
      crowd.push(...await Promise.all(Array.from({ length: Math.min(100, sockets - crowd.length) }, () => idle_socket(port))));
    let told = 0;
    const watching = await Promise.all(Array.from({ length: admins }, () => new Promise((done, fail) => {
      const admin = io(`http://127.0.0.1:${port}/admin`, { transports: ['websocket'] });
      admin.onAny(() => { told += 1; });
      admin.on('connect', () => done(admin));
      admin.on('connect_error', fail);
    })));
    await pause(3000); // what signing in costs is past
    told = 0;
    const before = cpu(server.pid);
    await pause(1000 * seconds);
    const spent = cpu(server.pid) - before;
    console.log(`${what}: ${spent} ms CPU in ${seconds} s (${(spent / seconds / 10).toFixed(2)} % of a core), ${told} events told`);
    for (const admin of watching) admin.disconnect();
    for (const socket of crowd) socket.terminate();
  } finally {
    server.kill('SIGKILL');
  }
}

console.log(`${sockets} idle sockets`);
await measure('no admin namespace       ', '', 0);
await measure('nobody signed in         ', 'production', 0);
await measure('one admin, production    ', 'production', 1);
await measure('one admin, development   ', 'development', 1);
process.exit(0);
