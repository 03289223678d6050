// docs/socketio/limits.md names every limit that the headers have, with its default.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './harness.mjs';

const seconds = { milliseconds: 0.001, seconds: 1, minutes: 60, hours: 3600 };

// 1024 * 1024, std::size_t(16) << 20, 20'000, std::chrono::milliseconds(25'000)
function value_of(text) {
  const plain = text.replaceAll("'", '');
  const time = /^std::chrono::(\w+)\((\d+)\)$/.exec(plain);
  if (time) return seconds[time[1]] * Number(time[2]);
  const shifted = /^std::size_t\((\d+)\) << (\d+)$/.exec(plain);
  if (shifted) return Number(shifted[1]) * 2 ** Number(shifted[2]);
  assert.match(plain, /^\d+( \* \d+)*$/, text);
  return plain.split(' * ').reduce((product, factor) => product * Number(factor), 1);
}

// The numbers among the members of a struct.
function limits_of(header, struct) {
  const text = readFileSync(join(root, 'src', header), 'utf8');
  const body = new RegExp(`struct ${struct} \\{([\\s\\S]*?)\\n\\};`).exec(text)[1];
  const members = body.matchAll(/^ {4}(?:Duration|std::size_t|unsigned|int) (\w+) = ([^;]+);/gm);
  return new Map([...members].map(([, name, value]) => [name, value_of(value)]));
}

function table_of(heading) {
  const text = readFileSync(join(root, 'docs/socketio/limits.md'), 'utf8');
  const section = text.split('\n## ').find((each) => each.startsWith(heading));
  assert.ok(section, heading);
  return new Map([...section.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)].map(([, name, value]) => [name, Number(value)]));
}

for (const [heading, header, struct] of [
  ['`socketio::Options`', 'socketio/server.hpp', 'Options'],
  ['`engineio::Options`', 'engineio/server.hpp', 'Options'],
  ['`LogRecoveryOptions`', 'socketio/recovery.hpp', 'LogRecoveryOptions'],
  ['`net::HttpLimits`', 'net/http_server.hpp', 'HttpLimits'],
])
  test(`the table of ${struct} in ${header} has each limit and its default`, () => {
    const limits = limits_of(header, struct);
    assert.ok(limits.size >= 4);
    const sorted = (map) => Object.fromEntries([...map].sort());
    assert.deepEqual(sorted(table_of(heading)), sorted(limits));
  });
