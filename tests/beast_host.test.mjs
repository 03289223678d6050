// examples/beast_host: Socket.IO in a foreign Beast server. The stock client in every transport, beside the host's own
// route on the same port, and what happens when either side goes away.
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { assert, build, client, disconnect_all, Program, wait_for, within } from './harness.mjs';
import { close_all_raw, next_message, websocket } from './raw.mjs';

let server;
let at;
before(async () => {
  server = new Program(join(build, 'examples/beast_host'), ['--port', '0']);
  at = { url: (await server.line(/listening on (\S+)/))[1] };
});
afterEach(() => {
  disconnect_all();
  close_all_raw();
});
after(() => server?.stop());

const own = async () => (await fetch(`${at.url}/time`)).text();
const poll = (query, options) => fetch(`${at.url}/socket.io/?EIO=4&transport=polling${query}`, options);

async function session() {
  const opened = await (await poll('')).text();
  const { sid } = JSON.parse(opened.slice(1));
  assert.equal(await (await poll(`&sid=${sid}`, { method: 'POST', body: '40' })).text(), 'ok');
  assert.match(await (await poll(`&sid=${sid}`)).text(), /^40\{"sid"/);
  return sid;
}

for (const transport of ['polling', 'websocket', 'upgrade'])
  test(`the stock client over ${transport}`, async () => {
    const socket = client(at, { nsp: '/', transport });
    const sent = ['é', { a: [1, null] }, Buffer.from([0, 1, 255])];
    assert.equal(await within(socket.emitWithAck('echo', ...sent), 'an answer'), sent[0]);
    if (transport === 'upgrade') await wait_for(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
    socket.emit('everybody', ...sent);
    const got = await wait_for(() => socket.received.find((each) => each.event === 'news'), 'the news');
    assert.equal(got.payload, 'é');
    assert.match(await own(), /^\d+$/);
  });

test('messages larger than a segment, both ways', async () => {
  for (const transport of ['polling', 'websocket']) {
    const socket = client(at, { nsp: '/', transport });
    const large = 'x'.repeat(700_000);
    assert.equal(await within(socket.emitWithAck('echo', large), 'it back'), large);
  }
});

test('what is not ours is answered by the host, on the connections that polls use', async () => {
  assert.equal((await fetch(`${at.url}/nothing`)).status, 404);
  const socket = connect(new URL(at.url).port, '127.0.0.1');
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => (said += text));
  const get = (path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  socket.write(get('/socket.io/?EIO=4&transport=polling'));
  await wait_for(() => /"sid"/.test(said), 'a session');
  assert.match(said, /^HTTP\/1\.1 200 OK\r\n/);
  socket.write(get('/time'));
  await wait_for(() => /\r\n\r\n\d+$/.test(said), 'the time');
  // Sent one behind the other: the second is not taken for the end of the client of the first.
  said = '';
  socket.write(get('/socket.io/?EIO=4&transport=polling&sid=none') + get('/time'));
  await wait_for(() => /\r\n\r\n\d+$/.test(said), 'the time again');
  assert.match(said, /^HTTP\/1\.1 400 [^]*Session ID unknown/);
  socket.destroy();
});

test('a request that is pipelined behind a poll waits for it and ends nothing', async () => {
  const sid = await session();
  const socket = connect(new URL(at.url).port, '127.0.0.1');
  let said = '';
  socket.setEncoding('utf8').on('data', (text) => (said += text));
  socket.write(`GET /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\n\r\nGET /time HTTP/1.1\r\nHost: a\r\n\r\n`);
  await own();
  await poll(`&sid=${sid}`, { method: 'POST', body: '42["everybody",1]' });
  await wait_for(() => /42\["news",1\][^]*\r\n\r\n\d+$/.test(said), () => `both answers: ${said}`);
  socket.destroy();
});

test('a client that goes away within a poll ends its session', async () => {
  const sid = await session();
  const socket = connect(new URL(at.url).port, '127.0.0.1');
  await new Promise((sent) => socket.write(`GET /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nHost: a\r\n\r\n`, sent));
  await own();
  socket.destroy();
  await wait_for(async () => (await poll(`&sid=${sid}`, { method: 'POST', body: '3' })).status === 400, 'the session to be unknown');
});

test('what follows a websocket handshake at once is read', async () => {
  const socket = connect(new URL(at.url).port, '127.0.0.1');
  let said = Buffer.alloc(0);
  socket.on('data', (bytes) => (said = Buffer.concat([said, bytes])));
  const text = Buffer.from('40');
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
  socket.write(Buffer.concat([Buffer.from('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n'
    + 'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'), frame]));
  await wait_for(() => /40\{"sid"/.test(said.toString('latin1')), 'the namespace');
  socket.destroy();
});

test('a websocket that is refused gets its answer', async () => {
  const answer = await new Promise((done, fail) => {
    const socket = websocket(`${at.url}/socket.io/?EIO=3&transport=websocket`);
    socket.on('unexpected-response', (_, response) => done(response));
    socket.once('open', () => fail(new Error('was let in')));
    socket.on('error', () => {});
  });
  assert.equal(answer.statusCode, 400);
});

test('SIGTERM ends it with a poll and a websocket open', async () => {
  const mine = new Program(join(build, 'examples/beast_host'), ['--port', '0']);
  const url = (await mine.line(/listening on (\S+)/))[1];
  for (const transport of ['polling', 'websocket']) {
    const socket = client({ url }, { nsp: '/', transport });
    await within(socket.emitWithAck('echo', 1), 'an answer');
  }
  await mine.stop();
});
