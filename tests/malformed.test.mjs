// What the network can send that is wrong: it costs that one connection, never the process.
import { after, before, describe, test } from 'node:test';
import { assert, connected, disconnect_all, event, start_server, tenant, wait_for } from './harness.mjs';
import {
  close_all_raw, close_code, closed, Connection, frame, head_of, next_message, Polling, upgraded, websocket,
} from './raw.mjs';

let server;
let witness;   // somebody else's socket, which must not notice any of it
before(async () => {
  server = await start_server();
  witness = await connected(server, { token: tenant().token });
});
after(async () => {
  close_all_raw();
  assert.equal(witness?.connected, true, 'the socket of somebody else was lost');
  const from = witness.received.length;
  witness.emit('request:current-state');
  await event(witness, 'reconnected', undefined, { from });
  disconnect_all();
  await server.stop();
});

// The server waits a moment for the answer to its close frame; many can wait at once.
const side_by_side = { concurrency: 8 };

const path = '/socket.io/?EIO=4&transport=websocket';
const base = () => `${server.url}/socket.io/`;

async function open_websocket({ join = false } = {}) {
  const socket = websocket(`${server.url}${path}`);
  await socket.opened;
  await next_message(socket);
  if (join) {
    socket.send(`40/dashboard,${JSON.stringify({ token: tenant().token })}`);
    assert.match(await next_message(socket), /^40\/dashboard,/);
  }
  return socket;
}

// Engine.IO packets that end the session, over both transports.
const engine_packets = {
  'an unknown type': '7',
  'a letter': 'x',
  'nothing': '',
  'a ping from the client': '2',
};

describe('Engine.IO', side_by_side, () => {
  for (const [what, packet] of Object.entries(engine_packets)) {
    test(`${what} over websocket closes it`, async () => {
      const socket = await open_websocket();
      socket.send(packet);
      await closed(socket);
    });

    test(`${what} over polling closes the session`, async () => {
      const session = await Polling.open(base());
      const answer = await session.post(packet);
      assert.ok([200, 400].includes(answer.status), `${answer.status}`);
      await wait_for(async () => (await session.get()).status === 400, 'the session is gone');
    });
  }

  const payloads = {
    'a trailing separator': '40\x1e',
    'a leading separator': '\x1e40',
    'two separators': '40\x1e\x1e40',
    'binary that is no base64': 'b***',
    'text that is no UTF-8': Buffer.from([0x34, 0xff, 0xfe]),
  };
  for (const [what, body] of Object.entries(payloads)) {
    test(`${what} in a polling body closes the session`, async () => {
      const session = await Polling.open(base());
      const answer = await session.post(body);
      assert.ok([200, 400].includes(answer.status), `${answer.status}`);
      await wait_for(async () => (await session.get()).status === 400, 'the session is gone');
    });
  }

  const requests = [
    ['GET', '?EIO=4', 0], ['GET', '?EIO=4&transport=carrier-pigeon', 0], ['GET', '', 0],
    ['GET', '?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAA', 1], ['GET', '?EIO=4&transport=polling&sid=x', 1],
    ['GET', `?EIO=4&transport=polling&sid=${'x'.repeat(5000)}`, 1], ['GET', '?EIO=4&transport=polling&sid=%00%ff', 1],
    ['POST', '?EIO=4&transport=polling', 2], ['DELETE', '?EIO=4&transport=polling', 2],
    ['GET', '?EIO=4&transport=websocket', 3],
    ['GET', '?EIO=3&transport=polling', 5], ['GET', '?transport=polling', 5], ['GET', '?EIO=44&transport=polling', 5],
  ];
  for (const [method, query, code] of requests) {
    test(`${method} ${query.slice(0, 60) || 'without a query'}: code ${code}`, async () => {
      const answer = await fetch(base() + query, { method });
      assert.equal(answer.status, 400);
      const messages = ['Transport unknown', 'Session ID unknown', 'Bad handshake method', 'Bad request', '', 'Unsupported protocol version'];
      assert.deepEqual(await answer.json(), { code, message: messages[code] });
    });
  }

  test('an sid answers only the connection rules: no guess opens a session', async () => {
    const session = await Polling.open(base());
    const other = session.sid.slice(0, -1) + (session.sid.endsWith('A') ? 'B' : 'A');
    const answer = await fetch(`${base()}?EIO=4&transport=polling&sid=${other}`);
    assert.equal((await answer.json()).code, 1);
  });

  test('a POST over a million bytes is refused with 413 and closes the session', async () => {
    const session = await Polling.open(base());
    assert.equal((await session.post(`4${'x'.repeat(1_000_001)}`)).status, 413);
    await wait_for(async () => (await session.get()).status === 400, 'the session is gone');
  });
});

describe('websocket frames', side_by_side, () => {
  const cut = Buffer.from('ä').subarray(0, 1);
  const rows = {
    'without a mask': [frame(1, '40', { mask: false }), 1002],
    'with a reserved bit': [frame(1, '40', { rsv: 4 }), 1002],
    'of an unknown kind': [frame(3, 'x'), 1002],
    'of an unknown control kind': [frame(11, 'x'), 1002],
    'a continuation of nothing': [frame(0, 'x'), 1002],
    'a new message inside another': [Buffer.concat([frame(1, '4', { fin: false }), frame(1, '4')]), 1002],
    'a ping in two parts': [frame(9, 'x', { fin: false }), 1002],
    'a ping of 126 bytes': [frame(9, 'x'.repeat(126)), 1002],
    'a close with one byte': [frame(8, 'x'), 1002],
    'a close with a reserved code': [frame(8, Buffer.from([3, 0xed])), 1002],   // 1005
    'a close with a code nobody has': [frame(8, Buffer.from([0, 1])), 1002],
    'a close whose text is no UTF-8': [frame(8, Buffer.from([3, 0xe8, 0xff])), 1007],
    'a length with its highest bit set': [Buffer.concat([Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(8)]), null],
    'a message said to be too long': [frame(1, '4', { length: 1_000_001 }), 1009],
    'a message that grows too long': [Buffer.concat([frame(1, '4'.repeat(600_000), { fin: false }), frame(0, '4'.repeat(600_000))]), 1009],
    'text that is no UTF-8': [frame(1, Buffer.from([0x34, 0xc3, 0x28])), 1007],
    'text cut inside a character': [frame(1, Buffer.concat([Buffer.from('4'), cut])), 1007],
    'a surrogate in UTF-8': [frame(1, Buffer.from([0x34, 0xed, 0xa0, 0x80])), 1007],
    'an overlong form': [frame(1, Buffer.from([0x34, 0xc0, 0xaf])), 1007],
    'no frame at all': [Buffer.from('GET / HTTP/1.1\r\n\r\n'), null],
  };
  for (const [what, [bytes, code]] of Object.entries(rows)) {
    test(`${what}: closed${code ? ` with ${code}` : ''}`, async () => {
      const connection = await upgraded(server.port, path);
      connection.write(bytes);
      await connection.closed();
      if (code) assert.equal(close_code(connection.received), code);
    });
  }

  test('a message in a thousand empty parts is bounded', async () => {
    const connection = await upgraded(server.port, path);
    connection.write(frame(1, '4', { fin: false }));
    const part = Buffer.concat(Array.from({ length: 100 }, () => frame(0, '', { fin: false })));
    for (let i = 0; i < 100 && !connection.ended; ++i) connection.write(part);
    await connection.closed();
  });

  test('fragments, with a ping and half a character between them, are put together', async () => {
    const connection = await upgraded(server.port, path);
    await wait_for(() => connection.received.length > 0, 'the open packet');
    const packet = Buffer.from('42/nowhere,["ä"]');
    const half = packet.indexOf(0xc3) + 1;
    connection.write(Buffer.concat([
      frame(1, packet.subarray(0, 5), { fin: false }), frame(9, 'are you there'),
      frame(0, packet.subarray(5, half), { fin: false }), frame(0, packet.subarray(half)),
    ]));
    // A pong comes back; the event was for a namespace never joined, so the connection ends, without 1002 or 1007.
    await connection.closed();
    assert.ok(connection.received.includes(Buffer.from('are you there')));
    assert.ok(![1002, 1007].includes(close_code(connection.received)));
  });

  const handshakes = {
    'version 12': { 'Sec-WebSocket-Version': '12' },
    'no key': { 'Sec-WebSocket-Key': undefined },
    'a short key': { 'Sec-WebSocket-Key': 'eA==' },
  };
  for (const [what, change] of Object.entries(handshakes)) {
    test(`a handshake with ${what} is refused`, async () => {
      const fields = {
        Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...change,
      };
      for (const name of Object.keys(fields)) if (fields[name] === undefined) delete fields[name];
      const answer = await new Connection(server.port).write(head_of('GET', path, fields)).response();
      assert.ok(answer.status === 400 || answer.status === 426, `${answer.status}`);
    });
  }

  test('an upgrade on another path is refused', async () => {
    const answer = await new Connection(server.port).write(head_of('GET', '/api/businesses', {
      Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    })).response();
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  });
});

// Socket.IO packets that end the connection of a client that has joined /dashboard.
const socket_packets = [
  '4', '49', '4x', '4-1', '42', '42/dashboard', '42/dashboard,', '42/dashboard,{}', '42/dashboard,[]', '42/dashboard,[',
  '42/dashboard,["a"', '42/dashboard,[null]', '42/dashboard,[true]', '42/dashboard,[["a"]]', '42/dashboard,[{"a":1}]', '42/dashboard,"a"',
  '42/dashboard,["connect"]', '42/dashboard,["connect_error"]', '42/dashboard,["disconnect"]', '42/dashboard,["disconnecting"]',
  '42/dashboard,["newListener"]', '42/dashboard,["removeListener"]', '42/dashboard,["a"]x', "42/dashboard,['a']",
  '40/dashboard,[]', '40/dashboard,"x"', '40/dashboard,1', '40/dashboard,{}', '41/dashboard,{}',
  '43/dashboard,1{}', '43/dashboard,1"a"', '44/dashboard,{}',
  '45/dashboard,["a"]', '45-/dashboard,["a"]', '451/dashboard,["a"]', '4511-/dashboard,["a"]', '45999999999999999999-/dashboard,["a"]',
  '451-/dashboard,["a",{"_placeholder":true,"num":1}]', '451-/dashboard,["a",{"_placeholder":true,"num":-1}]',
  '451-/dashboard,["a",{"_placeholder":true,"num":"0"}]', '46/dashboard,1[]', '42/elsewhere,["a"]', '43/elsewhere,1[]', '41/elsewhere,',
  `42/dashboard,${'['.repeat(5000)}`, `42/dashboard,["a",${'{"a":'.repeat(5000)}`, '42/dashboard,["\ud800x"',
];

describe('Socket.IO', side_by_side, () => {
  for (const packet of socket_packets) {
    test(`${packet.slice(0, 60)} ends the connection`, async () => {
      const socket = await open_websocket({ join: true });
      socket.send(packet);
      // A packet with attachments is judged when they are here.
      if (/^45\d*1-/.test(packet)) socket.send(Buffer.from([1, 2, 3]));
      await closed(socket);
    });
  }

  test('an attachment that nobody announced ends the connection', async () => {
    const socket = await open_websocket({ join: true });
    socket.send(Buffer.from([1, 2, 3]));
    await closed(socket);
  });

  test('text where an attachment was announced ends the connection', async () => {
    const socket = await open_websocket({ join: true });
    socket.send('451-/dashboard,["a",{"_placeholder":true,"num":0}]');
    socket.send('42/dashboard,["b"]');
    await closed(socket);
  });

  test('what is odd but legal changes nothing', async () => {
    const socket = await open_websocket({ join: true });
    for (const packet of ['42/dashboard,["nobody listens"]', '42/dashboard,[7]', '42/dashboard,["request:current-state","x",{"y":[]},null]',
      '43/dashboard,99[]', '43/dashboard,18446744073709551615["late"]', '42/dashboard,007["a"]', '42/dashboard,["__proto__",{"__proto__":1}]'])
      socket.send(packet);
    socket.send('42/dashboard,5["request:current-state"]');
    await wait_for(() => socket.received.some((p) => String(p).startsWith('43/dashboard,5[')), 'the acknowledgement');
    assert.equal(socket.readyState, 1);
  });

  test('a flood of namespaces is bounded', async () => {
    const socket = await open_websocket();
    for (let i = 0; i < 5000; ++i) socket.send(`40/${i}`);
    await wait_for(() => socket.readyState === 3 || socket.received.length >= 5000, 'refusals, or the end');
  });
});
