// What the guides say in C++ is compiled: each block in docs/socketio/ is a marked region of an example, or a whole
// one, and each piece of the migration table occurs in an example. What a guide links to or names is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { assert, root } from './harness.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const files_below = (path, wanted) => readdirSync(join(root, path), { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? files_below(join(path, each.name), wanted) : wanted.test(each.name) ? [join(path, each.name)] : []);

const marker = /^\s*\/\/ docs(: .*| end)$/;
const example_files = files_below('examples', /\.cpp$/);
const guides = files_below('docs/socketio', /\.md$/);

function without_indent(lines) {
  const indents = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least)).join('\n').trim();
}

// The regions `// docs: NAME` to `// docs end`, and each file as a whole, without the marks.
const regions = example_files.flatMap((path) => {
  const lines = read(path).split('\n');
  const found = [without_indent(lines.filter((line) => !marker.test(line)))];
  let begin = -1;
  lines.forEach((line, i) => {
    if (/^\s*\/\/ docs: /.test(line)) {
      assert.equal(begin, -1, `${path}:${i + 1}: a region within a region`);
      begin = i;
    } else if (/^\s*\/\/ docs end$/.test(line)) {
      assert.notEqual(begin, -1, `${path}:${i + 1}: the end of no region`);
      found.push(without_indent(lines.slice(begin + 1, i)));
      begin = -1;
    }
  });
  assert.equal(begin, -1, `${path}: a region without an end`);
  return found;
});

// Lists in Markdown indent their blocks.
const blocks = (text) => [...text.matchAll(/^( *)```cpp\n(.*?)^ *```$/gms)].map(([, , block]) => without_indent(block.split('\n')));

describe('docs/socketio', () => {
  for (const guide of guides)
    test(`${relative('docs', guide)}: its C++ is that of the examples`, () => {
      for (const block of blocks(read(guide)))
        assert.ok(regions.includes(block), `no region of examples/ is\n${block}`);
    });

  test('from_node.md: each piece of C++ in its table is compiled', () => {
    const squeezed = example_files.map((path) => read(path).replace(/\s+/g, '')).join('\n');
    const rows = read('docs/socketio/from_node.md').split('\n').filter((line) => /^\| `/.test(line));
    assert.ok(rows.length > 80, `${rows.length} rows`);
    let pieces = 0;
    for (const row of rows) {
      const [, , cpp] = row.replaceAll('\\|', '\0').split('|').map((cell) => cell.replaceAll('\0', '|'));
      for (const [, piece] of cpp.matchAll(/`([^`]+)`/g)) {
        ++pieces;
        assert.ok(squeezed.includes(piece.replace(/\s+/g, '')), `not in examples/: ${piece}`);
      }
    }
    assert.ok(pieces > 80, `${pieces} pieces`);
  });

  test('guarantees.md: the tests it names exist', () => {
    const suites = ['src', 'tests'].flatMap((path) =>
      (path === 'src' ? files_below(path, /_test\.cpp$/) : readdirSync(join(root, path)).filter((name) => name.endsWith('.test.mjs')).map((name) => join(path, name)))
        .map((file) => [file, read(file)]));
    const named = [...read('docs/socketio/guarantees.md').matchAll(/`([A-Z]\w+)\.([a-z0-9_]+_[a-z0-9_]+)`|`([\w]+\.test\.mjs)`: "([^"]+)"/g)];
    assert.ok(named.length > 25, `${named.length} names`);
    for (const [whole, suite, name, file, title] of named) {
      const there = suite
        ? suites.some(([, text]) => new RegExp(`(TEST|TEST_F|RC_GTEST_PROP)\\(${suite},\\s*${name}\\b`).test(text))
        : suites.some(([path, text]) => path === join('tests', file) && text.includes(title));
      assert.ok(there, `no test ${whole}`);
    }
  });
});

// The heading's text as a link's anchor, as code hosts make it.
const anchors = (text) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
  heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

describe('links', () => {
  for (const page of [...readdirSync(root).filter((name) => name.endsWith('.md')), ...files_below('docs', /\.md$/)])
    test(`${page} leads somewhere`, () => {
      const text = read(page).replace(/```.*?^ *```$/gms, '').replace(/`[^`\n]*`/g, '');
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path, anchor] = target.split('#');
        const file = path ? resolve(root, dirname(page), path) : join(root, page);
        assert.ok(existsSync(file), `${target} in ${page}`);
        if (anchor && file.endsWith('.md'))
          assert.ok(anchors(readFileSync(file, 'utf8')).includes(anchor), `${target} in ${page}`);
      }
    });
});
