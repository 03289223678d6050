// The clients of delivery.sh. Prints the quantiles of request to event, in milliseconds, and the server's
// CPU per write. Needs the npm packages of tests/, which ./test installs.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';

const { io } = createRequire(new URL('../tests/package.json', import.meta.url))('socket.io-client');

const [server] = process.argv.slice(2);
const { PORT, JWT_SECRET } = process.env;
const tenants = 200;
const writes_per_second = 500;
const seconds = 20;
const warm_up = 2;  // seconds of writes that are not counted
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token_for = (userId) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { userId, email: `${userId}@example.org`, role: 'tenant', iat: now, exp: now + 3600 };
  const text = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', JWT_SECRET).update(text).digest('base64url')}`;
};

const call = (token, method, path, body) => new Promise((resolve, reject) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const sent = request({ port: PORT, method, path, agent, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part) => { text += part; });
    response.on('end', () => (response.statusCode < 300 ? resolve(JSON.parse(text).data)
      : reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`))));
  });
  sent.on('error', reject).end(JSON.stringify(body));
});

// User and system time of the server so far, in milliseconds (proc(5): fields 14 and 15, in ticks of 10 ms).
const cpu_of = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const delays = [];
let counting = false;
let delivered = 0;

const open_dashboard = async () => {
  const token = token_for(randomUUID());
  const { business } = await call(token, 'POST', '/api/businesses', { name: 'b', category: 'c' });
  const socket = io(`http://127.0.0.1:${PORT}/dashboard`, { transports: ['websocket'], auth: { token }, forceNew: true });
  socket.on('business:updated', ({ business: { name } }) => {
    const [sent, counted] = name.split(' ');
    if (counted !== 'counted') return;
    ++delivered;
    delays.push(performance.now() - Number(sent));
  });
  await new Promise((resolve, reject) => socket.once('kpi:update', resolve).once('connect_error', reject));
  return { token, id: business.id, socket };
};

const dashboards = [];
for (let i = 0; i < tenants; ++i) dashboards.push(await open_dashboard());

let writes = 0;
let counted = 0;
let failed = 0;
const write = () => {
  const { token, id } = dashboards[writes++ % tenants];
  if (counting) ++counted;
  const name = `${performance.now()} ${counting ? 'counted' : 'warm-up'}`;
  call(token, 'PATCH', `/api/businesses/${id}`, { name }).catch((error) => { if (!failed++) console.error(error.message); });
};

const start = performance.now();
let cpu = 0;
await new Promise((resolve) => {
  const tick = setInterval(() => {
    const elapsed = (performance.now() - start) / 1000;
    if (!counting && elapsed > warm_up) {
      counting = true;
      cpu = cpu_of(server);
    }
    while (writes < elapsed * writes_per_second) write();
    if (elapsed > warm_up + seconds) {
      clearInterval(tick);
      resolve();
    }
  }, 2);
});
const until = performance.now() + 10_000;
while (delivered < counted && performance.now() < until) await new Promise((resolve) => { setTimeout(resolve, 20); });
cpu = cpu_of(server) - cpu;

delays.sort((a, b) => a - b);
const quantile = (q) => delays[Math.min(delays.length - 1, Math.floor(q * delays.length))]?.toFixed(1);
console.log(`${counted} writes to ${tenants} tenants, ${delivered} events delivered, ${failed} requests failed`);
console.log(`request to event: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, max ${quantile(1)} ms`);
console.log(`server CPU per write: ${(cpu / counted * 1000).toFixed(0)} µs`);
for (const { socket } of dashboards) socket.close();
agent.destroy();
process.exitCode = delivered === counted && failed === 0 ? 0 : 1;
