// examples/game_state: conflation and retained values, with stock clients.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { io } from 'socket.io-client';
import { Program, build, wait_for, within } from './harness.mjs';

let program;
let url;
const clients = [];
before(async () => {
  program = new Program(join(build, 'examples/game_state'), ['0']);
  url = (await program.line(/listening on (\S+)/))[1];
});
after(() => {
  for (const client of clients) client.close();
  program.child.kill('SIGTERM');
});

// What a client hears, and where it last saw everybody.
async function player(match, name, options = {}) {
  const socket = io(`${url}/game`, { forceNew: true, reconnection: false, transports: ['websocket'], ...options });
  clients.push(socket);
  const heard = [];
  const at = new Map();
  socket.on('position', (who, where) => {
    heard.push([who, where.step]);
    at.set(who, where.step);
  });
  socket.on('left', (who) => heard.push([who, 'left']));
  await within(new Promise((done, fail) => socket.once('connect', done).once('connect_error', fail)), 'connected');
  const enter = () => within(socket.emitWithAck('enter', match, name), 'entered');
  if (match) await enter();
  return { socket, heard, at, enter, move: (step, more) => socket.emitWithAck('move', { step, more }) };
}

test('who enters a match is sent where everybody is, once and before anything else', async () => {
  const ann = await player('m1', 'ann');
  const bob = await player('m1', 'bob');
  const elsewhere = await player('m2', 'eve');
  await elsewhere.move(7);
  for (let step = 1; step <= 5; step++) await within(Promise.all([ann.move(step), bob.move(step)]), 'moved');
  const late = await player('m1', 'cid');
  assert.deepEqual([...late.heard].sort(), [['ann', 5], ['bob', 5]]);
  await within(ann.move(6), 'moved');
  await wait_for(() => late.at.get('ann') === 6, 'the next position');
  ann.socket.close();
  await wait_for(() => late.heard.some(([who, what]) => who === 'ann' && what === 'left'), 'left');
  const later = await player('m1', 'dan', { transports: ['polling'] });
  assert.deepEqual(later.heard, [['bob', 5]]);
});

test('a client that does not read skips positions, and ends with the newest of every player', async () => {
  const names = ['p0', 'p1', 'p2', 'p3'];
  const players = [];
  for (const name of names) players.push(await player('race', name));
  const watcher = await player('race', 'watcher');
  const slow = await player('race', 'slow');
  const connection = slow.socket.io.engine.transport.ws._socket;
  connection.pause();
  const steps = 1000;
  const more = 'x'.repeat(1000);
  for (let step = 1; step <= steps; step++) {
    const moves = players.map((each) => each.move(step, more));
    if (step % 20 === 0) await within(Promise.all(moves), 'moved');
  }
  // What comes after the last position must not come before it.
  players[0].socket.close();
  await wait_for(() => watcher.heard.some(([, what]) => what === 'left'), 'the watcher sees p0 leave');
  for (const name of names) assert.equal(watcher.at.get(name), steps);
  connection.resume();
  await wait_for(() => slow.heard.some(([, what]) => what === 'left'), 'the slow one sees p0 leave');
  await wait_for(() => names.every((name) => slow.at.get(name) === steps), 'the newest of every player');
  assert.ok(slow.heard.length < (names.length * steps) / 2, `got ${slow.heard.length} of ${names.length * steps}`);
  for (const name of names) {
    const seen = slow.heard.filter(([who]) => who === name).map(([, step]) => (step === 'left' ? Infinity : step));
    assert.deepEqual(seen, [...seen].sort((a, b) => a - b), `${name} never goes back`);
  }
  assert.ok(slow.socket.connected);
});
