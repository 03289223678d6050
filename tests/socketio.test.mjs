// The Socket.IO 5 library from outside, against examples/conformance_server: namespaces / and /custom, with
// the events of the official protocol suite. Raw packets first, then the official client.
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { assert, build, client, disconnect_all, once, Program, transports, wait_for, within } from './harness.mjs';
import { close_all_raw, closed, next_message, Polling, websocket } from './raw.mjs';

let server;
let at;   // what the harness's client() needs to know
before(async () => {
  server = new Program(join(build, 'examples/conformance_server'), ['--port', '0']);
  at = { url: (await server.line(/listening on (\S+)/))[1] };
});
afterEach(() => {
  disconnect_all();
  close_all_raw();
});
after(() => server?.stop());

async function open() {
  const socket = websocket(`${at.url}/socket.io/?EIO=4&transport=websocket`);
  await within(socket.opened, 'the websocket');
  socket.on('message', (data) => { if (data.toString() === '2') socket.send('3'); });
  socket.next = async () => {
    for (;;) {
      const message = await next_message(socket);
      if (message !== '2') return message;
    }
  };
  assert.match(await socket.next(), /^0\{/);
  return socket;
}

// Joined to `nsp`, its CONNECT and the `auth` event read.
async function joined(nsp = '/') {
  const socket = await open();
  const prefix = nsp === '/' ? '' : `${nsp},`;
  socket.send(`40${prefix}`);
  assert.match(await socket.next(), new RegExp(`^40${prefix}\\{"sid":"[\\w-]{20}"\\}$`));
  assert.equal(await socket.next(), `42${prefix}["auth",{}]`);
  return socket;
}

describe('connecting', () => {
  test('to the main namespace, without and with a payload', async () => {
    for (const [payload, auth] of [['', '{}'], ['{}', '{}'], ['{"token":"123","n":[1,{"a":null}]}', '{"token":"123","n":[1,{"a":null}]}']]) {
      const socket = await open();
      socket.send(`40${payload}`);
      assert.deepEqual(Object.keys(JSON.parse((await socket.next()).slice(2))), ['sid']);
      assert.equal(await socket.next(), `42["auth",${auth}]`);
    }
  });

  test('to another namespace, with and without its comma', async () => {
    for (const packet of ['40/custom', '40/custom,', '40/custom,{"token":"abc"}']) {
      const socket = await open();
      socket.send(packet);
      assert.match(await socket.next(), /^40\/custom,\{"sid":"[\w-]{20}"\}$/);
      assert.match(await socket.next(), /^42\/custom,\["auth",/);
    }
  });

  test('to one that does not exist is refused, and the connection stays', async () => {
    const socket = await open();
    socket.send('40/random');
    assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
    socket.send('40');
    assert.match(await socket.next(), /^40\{/);
  });

  test('each namespace has an id of its own, unlike the session\'s', async () => {
    const session = await Polling.open(`${at.url}/socket.io/`);
    await session.post('40\x1e40/custom,');
    const packets = await session.read_until((p) => p.startsWith('42/custom'));
    const ids = packets.filter((p) => p.startsWith('40')).map((p) => JSON.parse(p.slice(p.indexOf('{'))).sid);
    assert.equal(new Set([...ids, session.sid]).size, 3);
  });

  test('twice to the same namespace closes the connection', async () => {
    const socket = await joined();
    socket.send('40');
    await closed(socket);
  });

  test('over polling an invalid packet ends in a noop and a close', async () => {
    const session = await Polling.open(`${at.url}/socket.io/`);
    await session.post('40');
    await session.read_until((p) => p.startsWith('42'));
    await session.post('4abc');
    assert.equal((await session.get()).body, '6\x1e1');
    assert.equal((await session.get()).status, 400);
  });
});

describe('events', () => {
  test('come back with their arguments', async () => {
    const socket = await joined();
    socket.send('42["message",1,"2",{"3":[true]}]');
    assert.equal(await socket.next(), '42["message-back",1,"2",{"3":[true]}]');
    socket.send('42["message"]');
    assert.equal(await socket.next(), '42["message-back"]');
  });

  test('keep every kind of JSON as it was', async () => {
    const socket = await joined('/custom');
    const json = '[0,-1,1.5,1e100,true,false,null,"","\\u0000\\"\\\\/ü🏡",[],{},{"b":1,"a":2},[[[{}]]],9007199254740991]';
    socket.send(`42/custom,["message",${json}]`);
    const back = await socket.next();
    assert.ok(back.startsWith('42/custom,["message-back",'));
    assert.deepEqual(JSON.parse(back.slice(10))[1], JSON.parse(json));
    assert.match(back, /\{"b":1,"a":2\}/);
  });

  test('are acknowledged with the same id', async () => {
    const socket = await joined();
    for (const id of ['0', '456', '9007199254740993', '18446744073709551615']) {
      socket.send(`42${id}["message-with-ack",1,"2",{"3":[false]}]`);
      assert.equal(await socket.next(), `43${id}[1,"2",{"3":[false]}]`);
    }
  });

  test('carry binary', async () => {
    const socket = await joined();
    socket.send('452-["message",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(Buffer.from([4, 5]));
    assert.equal(await socket.next(), '452-["message-back",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]');
    assert.deepEqual(await socket.next(), Buffer.from([1, 2, 3]));
    assert.deepEqual(await socket.next(), Buffer.from([4, 5]));
  });

  test('carry binary in acknowledgements', async () => {
    const socket = await joined();
    socket.send('452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    socket.send(Buffer.from([1]));
    socket.send(Buffer.alloc(0));
    assert.equal(await socket.next(), '462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    assert.deepEqual(await socket.next(), Buffer.from([1]));
    assert.deepEqual(await socket.next(), Buffer.alloc(0));
  });

  test('carry ten attachments and not eleven', async () => {
    const placeholders = (n) => Array.from({ length: n }, (_, num) => `{"_placeholder":true,"num":${num}}`).join(',');
    const socket = await joined();
    socket.send(`4510-["message",${placeholders(10)}]`);
    for (let i = 0; i < 10; ++i) socket.send(Buffer.from([i]));
    assert.equal(await socket.next(), `4510-["message-back",${placeholders(10)}]`);
    const other = await joined();
    other.send(`4511-["message",${placeholders(11)}]`);
    await closed(other);
  });

  test('of the name of a reserved one, without a name or without arguments close the connection', async () => {
    for (const packet of ['42', '42[]', '42{}', '42[{}]', '42["disconnect"]', '42abc', '4', '47', '451["message"]', '41{}']) {
      const socket = await joined();
      socket.send(packet);
      await closed(socket);
    }
  });
});

describe('leaving', () => {
  test('one namespace keeps the other', async () => {
    const socket = await joined();
    socket.send('40/custom');
    await socket.next();
    await socket.next();
    socket.send('41/custom,');
    socket.send('42["message","still here"]');
    assert.equal(await socket.next(), '42["message-back","still here"]');
  });

  test('and coming back is a new connection', async () => {
    const socket = await joined('/custom');
    socket.send('41/custom');
    socket.send('40/custom,{"again":true}');
    assert.match(await socket.next(), /^40\/custom,\{"sid":/);
    assert.equal(await socket.next(), '42/custom,["auth",{"again":true}]');
  });
});

for (const transport of Object.keys(transports)) {
  describe(`the official client over ${transport}`, () => {
    const connect = async (nsp, options) => {
      const socket = client(at, { nsp, transport, ...options });
      await within(new Promise((done, fail) => { socket.once('connect', done); socket.once('connect_error', fail); }), 'connect');
      if (transport === 'upgrade') await wait_for(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
      return socket;
    };
    const reply = (socket, ...args) => within(new Promise((done) => {
      socket.once('message-back', (...back) => done(back));
      socket.emit('message', ...args);
    }), 'message-back');

    test('echoes text and binary', async () => {
      const socket = await connect('');
      assert.deepEqual(await reply(socket, 1, 'zwölf', { a: [null] }), [1, 'zwölf', { a: [null] }]);
      const [back] = await reply(socket, { deep: [Buffer.from('bytes')] });
      assert.deepEqual(Buffer.from(back.deep[0]), Buffer.from('bytes'));
    });

    test('is acknowledged', async () => {
      const socket = await connect('/custom');
      const answer = await socket.timeout(5000).emitWithAck('message-with-ack', 'a');
      assert.deepEqual(answer, 'a');
    });

    test('shares one connection between namespaces', async () => {
      const main = await connect('');
      const custom = main.io.socket('/custom');
      await within(once(custom, 'connect'), 'connect');
      assert.notEqual(custom.id, main.id);
      assert.deepEqual(await reply(custom, 'x'), ['x']);
      custom.disconnect();
      assert.deepEqual(await reply(main, 'y'), ['y']);
    });

    test('stays connected over several heartbeats', async () => {
      const socket = await connect('');
      let pings = 0;
      socket.io.on('ping', () => ++pings);
      await wait_for(() => pings >= 4, 'four pings', 5000);
      assert.equal(socket.connected, true);
    });

    test('gets a burst of messages in order', async () => {
      const socket = await connect('');
      const back = [];
      socket.on('message-back', (i) => back.push(i));
      for (let i = 0; i < 300; ++i) socket.emit('message', i);
      await wait_for(() => back.length === 300, () => `300 echoes, ${back.length} came`);
      assert.deepEqual(back, Array.from({ length: 300 }, (_, i) => i));
    });
  });
}

test('messages sent while the client upgrades stay in order', async () => {
  for (let round = 0; round < 10; ++round) {
    const socket = client(at, { nsp: '', transport: 'upgrade' });
    const back = [];
    socket.on('message-back', (i) => back.push(i));
    let sent = 0;
    socket.on('connect', () => {
      const more = () => {
        for (let i = 0; i < 5; ++i) socket.emit('message', sent++);
        if (sent < 100) setImmediate(more);
      };
      more();
    });
    await wait_for(() => back.length === 100 && socket.io.engine.transport.name === 'websocket', () => `echoes: ${back}`);
    assert.deepEqual(back, Array.from({ length: 100 }, (_, i) => i));
    socket.disconnect();
  }
});
