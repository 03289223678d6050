// Connection state recovery of the Socket.IO library from its log in the process, against
// examples/recovering_chat: any event, binary ones too, rooms, and a client that stayed away too long.
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { assert, build, client, disconnect_all, Program, slow, transports, wait_for, within } from './harness.mjs';
import { FlakyProxy } from './flaky_proxy.mjs';

// A chat that waits `seconds` for who is away, and a way to it that breaks.
async function start_chat(seconds) {
  const program = new Program(join(build, 'examples/recovering_chat'), ['--port', '0', '--away', String(seconds)]);
  const [, url, port] = await program.line(/listening on (http:\/\/127\.0\.0\.1:(\d+))/);
  const way = await FlakyProxy.start({ host: '127.0.0.1', port: Number(port) });
  return { program, at: { url }, way };
}

let server;
let proxy;
let at;
before(async () => { ({ program: server, at, way: proxy } = await start_chat(2)); });
afterEach(() => {
  disconnect_all();
  Object.assign(proxy, { lifetime: () => Infinity, refusing: false });
});
after(() => { proxy?.stop(); return server?.stop(); });

async function entered(room, where = proxy, options = {}) {
  const socket = client(where, {
    nsp: '/', reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50, randomizationFactor: 0,
    timeout: 500 * slow, ...options,
  });
  socket.returns = [];
  socket.on('connect', () => socket.returns.push(socket.recovered));
  await within(socket.emitWithAck('enter', room), 'to enter');
  return socket;
}

const said = (socket) => socket.received.filter((r) => r.event === 'said').map((r) => r.payload);

async function away(socket, meanwhile, cut = () => proxy.cut()) {
  const times = socket.returns.length;
  proxy.refusing = true;
  cut();
  await wait_for(() => !socket.connected, 'the client notices');
  await meanwhile?.();
  proxy.refusing = false;
  await wait_for(() => socket.returns.length > times, 'the client comes back');
  return socket.returns.at(-1);
}

for (const transport of Object.keys(transports)) {
  test(`rooms are kept, and what was said meanwhile comes in order (${transport})`, async () => {
    const room = `room ${transport}`;
    const [socket, other] = [await entered(room, proxy, { transport }), await entered(room, at)];
    const { id } = socket;
    await other.emitWithAck('say', room, 'one');
    await wait_for(() => said(socket).length === 1, 'the first word');
    const bytes = Buffer.from([0, 1, 2, 255]);
    assert.equal(await away(socket, async () => {
      await other.emitWithAck('say', room, 'two');
      await other.emitWithAck('say', room, { bytes });
      await other.emitWithAck('say', 'another room', 'not for it');
    }), true);
    assert.equal(socket.id, id);
    await other.emitWithAck('say', room, 'three');
    await wait_for(() => said(socket).length === 4, () => JSON.stringify(said(socket)));
    assert.deepEqual(said(socket), ['one', 'two', { bytes }, 'three']);
    assert.deepEqual(said(other), ['one', 'two', { bytes }, 'three']);
  });
}

test('a volatile word that came last does not spoil it, nor does a connection that looks alive', async () => {
  const [socket, other] = [await entered('a'), await entered('a', at)];
  await other.emitWithAck('say', 'a', 'one');
  await other.emitWithAck('whisper', 'a', 'a word');
  await wait_for(() => socket.received.some((r) => r.event === 'whispered'), 'the whisper');
  for (const [n, cut] of [() => proxy.cut_half(), () => proxy.cut()].entries())
    assert.equal(await away(socket, () => other.emitWithAck('say', 'a', `missed ${n}`), cut), true);
  await wait_for(() => said(socket).length === 3, 'all');
  assert.deepEqual(said(socket), ['one', 'missed 0', 'missed 1']);
});

test('who stayed away too long begins anew, and is recovered from there', async () => {
  const socket = await entered('b');
  const { id } = socket;
  const gone = Date.now();
  assert.equal(await away(socket, () => wait_for(() => Date.now() - gone > 2_200, 'time to pass')), false);
  assert.notEqual(socket.id, id);
  assert.equal(await away(socket), true);
});

test('cut at random bytes, every word comes once and in order, or the client is told', { timeout: 60_000 * slow }, async (t) => {
  // Longer than a client gives up on an attempt that was cut in the middle.
  const { program, at: direct, way } = await start_chat(60);
  t.after(() => { way.stop(); return program.stop(); });
  const [socket, other] = [await entered('c', way), await entered('c', direct)];
  way.lifetime = () => 400 + Math.floor(Math.random() * 4000);
  way.cut();
  let n = 0;
  for (const until = Date.now() + 8_000; Date.now() < until; n += 1) {
    await other.emitWithAck('say', 'c', n % 5 === 0 ? { n, bytes: Buffer.alloc(n % 300) } : { n });
    await new Promise((done) => setTimeout(done, Math.random() * 10));
  }
  way.lifetime = () => Infinity;
  await other.emitWithAck('say', 'c', { n });
  await wait_for(() => said(socket).at(-1)?.n === n,
    () => `${said(socket).at(-1)?.n} of ${n}; connected ${socket.connected}, came ${socket.returns.length} times`);
  assert.ok(way.broken >= 10, `${way.broken} cuts`);
  // An answer to a first CONNECT may be lost with its connection; here the first came through.
  assert.deepEqual(new Set(socket.returns.slice(1)), new Set([true]));
  assert.deepEqual(said(socket).map((word) => word.n), Array.from({ length: n + 1 }, (_, i) => i));
});
