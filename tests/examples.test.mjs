// The example programs of the Socket.IO library, each with the stock client: the chat, files in pieces, and one
// chat served by two processes over a real Redis.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import msgpack from 'socket.io-msgpack-parser';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, client, disconnect_all, once, Program, root, temporary_folder, transports, wait_for, within } from './harness.mjs';

async function start(name, ...args) {
  const program = new Program(join(build, 'examples', name), args);
  return Object.assign(program, { url: (await program.line(/listening on (\S+)/))[1] });
}

async function open(server, options) {
  const socket = client(server, { nsp: '/', ...options });
  // Each event with all of its arguments.
  socket.heard = [];
  socket.onAny((...all) => socket.heard.push(all));
  await within(once(socket, 'connect'), 'connect');
  return socket;
}

const answer = (socket, ...event) => within(socket.emitWithAck(...event), `an answer to ${event[0]}`);
const hears = (socket, ...event) =>
  wait_for(() => socket.heard.some((one) => JSON.stringify(one) === JSON.stringify(event)),
    () => `${event}; heard ${JSON.stringify(socket.heard)}`);

describe('chat', () => {
  let server;
  before(async () => { server = await start('chat', '0'); });
  afterEach(disconnect_all);
  after(() => server?.stop());

  test('is less than sixty lines', () => {
    const lines = readFileSync(join(root, 'examples/chat.cpp'), 'utf8').trimEnd().split('\n');
    assert.ok(lines.length < 60, `${lines.length}`);
  });

  for (const transport of Object.keys(transports))
    test(`what is said in a room reaches the others in it (${transport})`, async () => {
      const nsp = '/chat';
      const names = ['ann', 'bob', 'eve'].map((name) => `${name} by ${transport}`);
      const [ann, bob, eve] = await Promise.all(names.map((name) => open(server, { nsp, transport, auth: { name } })));
      ann.emit('join', 'tea');
      bob.emit('join', 'tea');
      // The answer comes after what was sent before it was done: the others have joined.
      assert.equal(await answer(bob, 'say', 'nowhere', '?'), true);
      assert.equal(await answer(ann, 'say', 'tea', 'hello'), true);
      await hears(bob, 'said', 'tea', names[0], 'hello');
      bob.disconnect();
      for (const socket of [ann, eve]) await hears(socket, 'left', names[1]);
      assert.ok([...ann.heard, ...eve.heard].every(([event]) => event === 'left'));
    });

  test('who does not say who it is stays outside', async () => {
    const [error] = await within(once(client(server, { nsp: '/chat' }), 'connect_error'), 'connect_error');
    assert.equal(error.message, 'Say who you are: auth.name');
  });
});

// What docs/socketio/README.md begins with.
test('the client of the guide meets the chat of the guide', async () => {
  const server = await start('chat', '0');
  const [, program] = /```js\n(.*?)```/s.exec(readFileSync(join(root, 'docs/socketio/README.md'), 'utf8'));
  const folder = temporary_folder();
  symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'client.mjs'), program.replace('http://127.0.0.1:3000', server.url));
  const guide = new Program(process.execPath, ['client.mjs'], { cwd: folder });
  await guide.line(/^sent$/m);
  const bob = await open(server, { nsp: '/chat', auth: { name: 'bob' } });
  await answer(bob, 'say', 'tea', 'hello');
  await guide.line(/^bob in tea: hello$/m);
  bob.disconnect();
  await guide.line(/^bob left$/m);
  guide.child.kill('SIGKILL');
  await server.stop();
});

describe('docs_snippets', () => {
  const extraHeaders = { cookie: 'session=1' };
  let server;
  before(async () => { server = await start('docs_snippets', '0'); });
  afterEach(disconnect_all);
  after(() => server?.stop());

  const enter = (options) => open(server, { nsp: '/a', auth: { token: 'ann' }, extraHeaders, ...options });
  const refused = async (options) => {
    const [error] = await within(once(client(server, { extraHeaders, ...options }), 'connect_error'), 'connect_error');
    return error;
  };

  test('lets in whom its middleware finds', async () => {
    assert.equal((await refused({ nsp: '/a' })).message, 'unauthorized');
    const unknown = await refused({ nsp: '/a', auth: { token: '' } });
    assert.deepEqual([unknown.message, unknown.data], ['unauthorized', { code: 401 }]);
    assert.match((await refused({ nsp: '/a', extraHeaders: {} })).message, /websocket error/);
    await enter();
  });

  test('namespaces are made by pattern and by predicate', async () => {
    const game = await open(server, { nsp: '/game-7', extraHeaders });
    await hears(game, 'entered', game.id);
    await open(server, { nsp: '/tenant-x', auth: { token: 'x' }, extraHeaders });
    for (const nsp of ['/tenant-y', '/game-', '/game-7x', '/nowhere'])
      assert.equal((await refused({ nsp })).message, 'Invalid namespace', nsp);
  });

  for (const options of [{}, { parser: msgpack, query: { parser: 'msgpack' } }])
    test(`events are answered, typed ones and others (${options.parser ? 'msgpack' : 'json'})`, async () => {
      const socket = await enter(options);
      assert.equal(await answer(socket, 'add', 20, 22), 42);
      assert.equal(await answer(socket, 'find seat', 'B'), 'B1');
      assert.equal(await answer(socket, 'find seat', 'B', 7), 'B7');
      assert.equal(await answer(socket, 'photo', Buffer.alloc(1000)), 1000);
      assert.deepEqual(await answer(socket, 'photo', 'no bytes'), { error: 'argument 1 is of another type' });
      assert.deepEqual(await answer(socket, 'admin:stop'), { error: 'forbidden' });
    });

  test('binary reaches the others', async () => {
    const [ann, bob] = [await enter(), await enter()];
    ann.emit('avatar', Buffer.from([1, 2, 255]));
    await wait_for(() => bob.heard.some(([event]) => event === 'avatar'), 'the picture');
    const [, picture] = bob.heard.find(([event]) => event === 'avatar'); // and the offset of recovery
    assert.deepEqual(picture, { of: ann.id, image: Buffer.from([1, 2, 255]) });
    assert.ok(!ann.heard.some(([event]) => event === 'avatar'));
  });

  test('coroutines and handles find their socket', async () => {
    const socket = client(server, { nsp: '/a', auth: { token: 'ann' }, extraHeaders });
    const welcome = once(socket, 'welcome');
    const reminder = once(socket, 'reminder');
    socket.on('your name?', (tell) => tell('ann'));
    assert.equal((await within(welcome, 'the welcome'))[0], 'ann');
    await within(reminder, 'the reminder');
  });
});

describe('file_upload', () => {
  const piece = 256 * 1024;
  const folder = temporary_folder();
  let server;
  before(async () => { server = await start('file_upload', '--port', '0', '--into', folder); });
  afterEach(disconnect_all);
  after(() => server?.stop());

  // As the head of the example shows it; gives the progress that was told, and the end.
  async function upload(socket, file) {
    const { error } = await answer(socket, 'begin', 'a file.bin', file.length);
    assert.equal(error, '');
    const progress = [];
    for (let at = 0; at < file.length; at += piece)
      progress.push(await answer(socket, 'piece', at, file.subarray(at, at + piece)));
    return { progress, end: await answer(socket, 'finish') };
  }

  for (const transport of Object.keys(transports))
    test(`a file of some megabytes is stored as it was (${transport})`, async () => {
      const socket = await open(server, { transport });
      const file = randomBytes(3 * 1024 * 1024 + 7);
      const { progress, end } = await upload(socket, file);
      assert.deepEqual(progress.at(0), { received: piece, error: '' });
      assert.deepEqual(progress.at(-1), { received: file.length, error: '' });
      assert.deepEqual(end, { sha256: createHash('sha256').update(file).digest('hex'), error: '' });
      assert.ok(readFileSync(join(folder, end.sha256)).equals(file));
      // And another one on the same connection, an empty one.
      assert.equal((await upload(socket, Buffer.alloc(0))).end.sha256, createHash('sha256').digest('hex'));
    });

  test('two files at once do not mix', async () => {
    const sockets = [await open(server), await open(server)];
    const files = sockets.map(() => randomBytes(1024 * 1024));
    const ends = await Promise.all(sockets.map((socket, i) => upload(socket, files[i])));
    assert.deepEqual(ends.map(({ end }) => end.sha256), files.map((file) => createHash('sha256').update(file).digest('hex')));
  });

  test('a piece out of order, too much, or too little is an error, and nothing stays', async () => {
    const socket = await open(server);
    const bytes = randomBytes(100);
    const fails = async (what, ...event) => assert.equal((await answer(socket, ...event)).error, what);
    await fails('not now', 'piece', 0, bytes);
    await fails('too large', 'begin', 'x', 2 ** 40);
    await fails('', 'begin', 'x', 150);
    await fails('one at a time', 'begin', 'y', 150);
    await fails('out of order', 'piece', 50, bytes);
    await fails('not now', 'piece', 0, bytes);
    await fails('', 'begin', 'x', 150);
    await fails('', 'piece', 0, bytes);
    await fails('more than was announced', 'piece', 100, bytes);
    await fails('', 'begin', '../../x', 150);
    await fails('', 'piece', 0, bytes);
    await fails('incomplete', 'finish');
    await fails('', 'begin', 'x', 150);
    socket.disconnect();
    await wait_for(() => readdirSync(folder).every((name) => /^[0-9a-f]{64}$/.test(name)),
      () => `what came in part is gone: ${readdirSync(folder)}`);
  });

  test('a client that does not wait for answers is not read into memory', async () => {
    const socket = await open(server);
    const bytes = Buffer.alloc(piece);
    assert.equal((await answer(socket, 'begin', 'x', 64 * piece)).error, '');
    const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => answer(socket, 'piece', i * piece, bytes)));
    assert.equal(answers[0].error, '');
    // Those that found another one at work were refused; the next that is taken is out of order.
    assert.ok(answers.every(({ error }) => ['', 'not now', 'out of order'].includes(error)), JSON.stringify(answers));
  });
});

describe('two_nodes', () => {
  let redis;
  let nodes;
  before(async () => {
    redis = await start_redis();
    nodes = await Promise.all([0, 1].map(() => start('two_nodes', '--port', '0', '--redis', redis.url)));
  });
  afterEach(disconnect_all);
  after(async () => {
    await Promise.all((nodes ?? []).map((node) => node.stop()));
    await redis?.stop();
  });

  test('clients of either node meet in the same room', async () => {
    const [ann, bob] = await Promise.all(nodes.map((node) => open(node)));
    for (const socket of [ann, bob]) socket.emit('join', 'tea');
    for (const socket of [ann, bob])
      await wait_for(async () => {
        const ids = await answer(socket, 'who is in', 'tea');
        return ids.includes(ann.id) && ids.includes(bob.id);
      }, 'both nodes know of both');
    // A node hears of a room once Redis has confirmed its subscription, a moment after the first has joined.
    await wait_for(async () => {
      ann.emit('say', 'tea', 'are you there?');
      await answer(ann, 'who is in', 'tea');
      return bob.heard.length > 0;
    }, 'the room reaches the other node');
    await hears(bob, 'said', ann.id, 'are you there?');
    bob.emit('say', 'tea', 'yes');
    for (const socket of [ann, bob]) await hears(socket, 'said', bob.id, 'yes');
  });
});
