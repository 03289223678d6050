// node embed_page.mjs DIST OUT: writes page_files.S and page_files.cpp to OUT, which build the files of DIST
// into the program (src/app/page_files.hpp), with their gzip and brotli forms where these are smaller.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const [dist, out] = process.argv.slice(2);
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();
if (files.length === 0) throw new Error(`${dist} holds no files`);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const assembly = ['    .section .rodata'];
const symbols = [];
// Returns how C++ names these bytes: a view between two symbols.
function embed(symbol, path) {
  assembly.push(`    .global ${symbol}, ${symbol}_end`, `${symbol}:`, `    .incbin "${path}"`, `${symbol}_end:`, '    .byte 0');
  symbols.push(symbol);
  return `{${symbol}, ${symbol}_end}`;
}

const rows = files.map((path, i) => {
  const type = types[extname(path)];
  if (!type) throw new Error(`${path}: no content type is known for it`);
  const bytes = readFileSync(path);
  const compressed = (name, make) => {
    const small = make(bytes);
    if (small.length >= bytes.length * 0.95) return '{}';
    const target = join(out, `${i}.${name}`);
    writeFileSync(target, small);
    return embed(`pulse_page_${i}_${name}`, target);
  };
  const address = `/${relative(dist, path).split(sep).join('/')}`;
  const gzip = compressed('gz', (data) => gzipSync(data, { level: 9 }));
  const brotli = compressed('br', (data) => brotliCompressSync(data, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
  }));
  return `    {"${address}", "${type}", ${embed(`pulse_page_${i}`, path)}, ${gzip}, ${brotli}},`;
});

assembly.push('    .section .note.GNU-stack,"",%progbits', '');
writeFileSync(join(out, 'page_files.S'), assembly.join('\n'));
writeFileSync(join(out, 'page_files.cpp'), `#include "app/page_files.hpp"

extern "C" {
${symbols.map((symbol) => `extern const char ${symbol}[], ${symbol}_end[];`).join('\n')}
}

namespace pulse::app {

std::span<const PageFile> page_files() {
    static const PageFile files[] = {
    ${rows.join('\n    ')}
    };
    return files;
}

}  // namespace pulse::app
`);
