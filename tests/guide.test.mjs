// docs/websocket.md: its complete client is taken from the page and run against the program.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assert, create_business, once, record, root, start_server, temporary_folder, tenant, wait_for } from './harness.mjs';

const page = readFileSync(join(root, 'docs/websocket.md'), 'utf8');

function example(name) {
  const found = new RegExp(`<!-- example: ${name} -->\n\`\`\`js\n([\\s\\S]*?)\n\`\`\``).exec(page);
  assert.ok(found, `docs/websocket.md has no example ${name}`);
  const folder = temporary_folder();
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, name), found[1]);
  return import(pathToFileURL(join(folder, name)));
}

// A network in front of the server that can be told to let no sockets through.
async function network(server) {
  const made = { blocked: false };
  const streams = new Set();
  const proxy = http.createServer((request, response) => {
    if (made.blocked && request.url.startsWith('/socket.io')) return request.socket.destroy();
    const onward = http.request({ port: server.port, method: request.method, path: request.url, headers: request.headers },
      (answer) => answer.pipe(response.writeHead(answer.statusCode, answer.headers)));
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  proxy.on('upgrade', (request, socket, head) => {
    if (made.blocked) return socket.destroy();
    const onward = connect(server.port);
    const lines = request.rawHeaders.reduce((text, part, i) => text + part + (i % 2 ? '\r\n' : ': '), '');
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines}\r\n`);
    onward.write(head);
    onward.pipe(socket).pipe(onward);
    for (const stream of [socket, onward]) stream.on('error', () => {});
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  proxy.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return Object.assign(made, {
    url: `http://127.0.0.1:${proxy.address().port}`,
    block() { made.blocked = true; for (const stream of streams) stream.destroy(); },
    close() { proxy.close(); for (const stream of streams) stream.destroy(); },
  });
}

let server;
let line;
before(async () => {
  server = await start_server();
  line = await network(server);
});
after(async () => {
  line?.close();
  await server?.stop();
});

test('the client of the page is live, polls after three failures, and is live again', async () => {
  const { live_dashboard } = await example('live_dashboard.mjs');
  const who = tenant();
  const business = await create_business(server, who);
  const modes = [];
  let kpis;
  const stop = live_dashboard({
    url: line.url, token: () => who.token, poll_every: 100,
    show: (state) => { kpis = state; }, show_mode: (mode) => modes.push(mode),
  });
  try {
    await wait_for(() => modes.at(-1) === 'live' && kpis?.activeBusinesses === 1, 'the live state');
    await record(server, business, { view: 1 });
    await wait_for(() => kpis.landlordViews === 1, 'a change, live');

    line.block();
    await wait_for(() => modes.at(-1) === 'polling', () => `polling, after ${modes}`, 20_000);
    await record(server, business, { view: 1 });
    await wait_for(() => kpis.landlordViews === 2, 'a change, polled');

    line.blocked = false;
    await wait_for(() => modes.at(-1) === 'live', () => `live again, after ${modes}`, 20_000);
    await record(server, business, { view: 1 });
    await wait_for(() => kpis.landlordViews === 3, 'a change, live again');
    assert.deepEqual(modes, ['live', 'reconnecting', 'polling', 'live']);
  } finally {
    stop();
  }
});

test('the client of the page says so when its token is refused', async () => {
  const { live_dashboard } = await example('live_dashboard.mjs');
  const modes = [];
  const stop = live_dashboard({ url: server.url, token: () => 'bad', show: () => {}, show_mode: (mode) => modes.push(mode) });
  await wait_for(() => modes.at(-1) === 'signed out', 'signed out');
  stop();
});

test('every JSON example of the page is JSON, with version and timestamp', () => {
  const blocks = [...page.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text]) => JSON.parse(text));
  assert.equal(blocks.length, 5);
  for (const block of blocks) {
    assert.ok(Number.isInteger(block.version));
    assert.match(block.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});
