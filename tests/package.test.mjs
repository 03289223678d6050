// What `cmake --install` and `cpack` give: the library as a guest finds it, by CMake and by pkg-config, and the Debian
// packages. Guests are compiled without optimisation: what is tried is whether they link and run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, client, disconnect_all, program, Program, root, temporary_folder, wait_for, within } from './harness.mjs';

const compiler = 'clang++-19';
const folder = temporary_folder();
const prefix = join(folder, 'usr');
const include = join(prefix, 'include/pulse-socketio');
const libraries = join(prefix, 'lib');

function ran(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', cwd: folder, maxBuffer: 1 << 26, ...options });
  assert.ifError(done.error);
  assert.equal(done.status, 0, `${command} ${args.join(' ')}\n${done.stdout.slice(-4000)}\n${done.stderr.slice(-4000)}`);
  return done.stdout;
}

const running = (command, args) => new Promise((done, fail) => {
  const child = spawn(command, args, { cwd: folder });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  child.once('error', fail);
  child.once('close', (code) => (code === 0 ? done(said) : fail(new Error(`${command} ${args.join(' ')}: ${code}\n${said.slice(-4000)}`))));
});

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const launcher = has('ccache') ? ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'] : [];
const files_below = (path) => readdirSync(path, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() ? files_below(join(path, each.name)) : [join(path, each.name)]);
const includes_of = (text) => [...text.matchAll(/^#include "([^"]+)"/gm)].map(([, name]) => name);

function configured(where, ...options) {
  return running('cmake', ['-G', 'Ninja', '-S', join(root, 'tests/package'), '-B', where, `-DCMAKE_CXX_COMPILER=${compiler}`,
    `-DEXAMPLES=${join(root, 'examples')}`, `-DCMAKE_PREFIX_PATH=${prefix}`, ...options]);
}

before(() => {
  ran('cmake', ['--install', build, '--prefix', prefix]);
});
after(disconnect_all);

describe('what is installed', () => {
  test('each header finds what it includes', () => {
    const headers = files_below(include);
    assert.ok(headers.length > 20, `${headers}`);
    for (const header of headers)
      for (const name of includes_of(readFileSync(header, 'utf8')))
        assert.ok(existsSync(join(include, name)), `${header} includes ${name}`);
  });

  test('what is for tests, or for the inside, stays', () => {
    for (const header of files_below(include).map((each) => relative(include, each)))
      assert.doesNotMatch(header, /test|fake|fixture|http_connection|http_parser|ws_frame|namespace_impl|socket_impl/);
  });

  test('the headers that the examples and docs/socketio/ name are there', () => {
    const texts = files_below(join(root, 'examples')).filter((each) => each.endsWith('.cpp'));
    if (existsSync(join(root, 'docs/socketio')))
      texts.push(...files_below(join(root, 'docs/socketio')).filter((each) => each.endsWith('.md')));
    for (const text of texts)
      for (const name of includes_of(readFileSync(text, 'utf8')))
        assert.ok(existsSync(join(include, name)), `${text} includes ${name}: a line for cmake/public_headers.cmake`);
  });
});

describe('a guest by CMake', () => {
  const guests = join(folder, 'guests');
  let redis;
  afterEach(disconnect_all);
  after(() => redis?.stop());

  test('needs neither spdlog nor OpenSSL nor zlib for the shared libraries', async () => {
    const absent = ['spdlog', 'fmt', 'OpenSSL', 'ZLIB', 'PkgConfig'].map((name) => `-DCMAKE_DISABLE_FIND_PACKAGE_${name}=ON`);
    await configured(join(folder, 'without'), '-DALSO_STATIC=OFF', ...absent);
  });

  test('compiles, with the shared and with the static libraries', async () => {
    await configured(guests, ...launcher);
    await running('cmake', ['--build', guests]);
    const linked = ran('ldd', [join(guests, 'conformance_server')]);
    assert.ok(linked.includes(join(libraries, 'libpulse-socketio.so.0.')), linked);
    assert.doesNotMatch(linked, /hiredis/);
    assert.doesNotMatch(ran('ldd', [join(guests, 'cluster_server_static')]), /pulse-socketio/);
  });

  for (const name of ['conformance_server', 'conformance_server_static'])
    test(`${name} serves the stock client, over polling and websocket`, async () => {
      const server = new Program(join(guests, name), ['--port', '0']);
      const [, url] = await server.line(/listening on (\S+)/);
      for (const transport of ['polling', 'websocket', 'upgrade']) {
        const socket = client({ url }, { nsp: '/', transport });
        const answer = await within(socket.emitWithAck('message-with-ack', 'é', Buffer.from([1, 2])), 'an answer');
        assert.deepEqual(answer, 'é');
        socket.disconnect();
      }
      await server.stop();
    });

  for (const name of ['cluster_server', 'cluster_server_static'])
    test(`${name} speaks through Redis`, async () => {
      redis ??= await start_redis();
      const server = new Program(join(guests, name), ['--port', '0', '--redis', redis.url]);
      const [, url] = await server.line(/listening on (\S+)/);
      const socket = client({ url }, { nsp: '/' });
      await within(socket.emitWithAck('join', 'room'), 'joined');
      // Again and again: what is emitted before Redis has been reached stays on the node.
      const published = async () => {
        await within(socket.emitWithAck('do', { emit: ['news', 7], to: ['room'] }), 'emitted');
        return (await (await fetch(`${url}/stats`)).json()).published;
      };
      await wait_for(async () => await published() > 0, 'something published');
      socket.disconnect();
      await server.stop();
    });
});

describe('a guest by pkg-config', () => {
  const env = { ...process.env, PKG_CONFIG_PATH: join(libraries, 'pkgconfig') };
  const flags = (...args) => ran('pkg-config', args, { env }).trim().split(/\s+/);

  test('compiles and links', () => {
    const object = join(folder, 'chat.o');
    const source = join(root, 'examples/chat.cpp');
    const command = [compiler, '-std=c++20', ...flags('--cflags', 'pulse-socketio'), '-c', source, '-o', object];
    ran(launcher.length ? 'ccache' : 'env', command);
    ran(compiler, [object, ...flags('--libs', 'pulse-socketio'), '-o', join(folder, 'chat')]);
    assert.match(ran('ldd', [join(folder, 'chat')], { env: { ...env, LD_LIBRARY_PATH: libraries } }), /libpulse-socketio\.so\.0\./);
    // And with the static one, named as a file because the linker takes a shared one where both are.
    const others = flags('--static', '--libs', 'pulse-socketio').map((flag) => flag.replace(/^-lpulse-socketio$/, '-l:libpulse-socketio.a'));
    ran(compiler, [object, ...others, '-o', join(folder, 'chat_static')]);
    assert.doesNotMatch(ran('ldd', [join(folder, 'chat_static')]), /pulse-socketio/);
  });

  test('finds the Redis adapter beside it', () => {
    assert.match(flags('--libs', 'pulse-socketio-redis').join(' '), /-lpulse-socketio-redis .*-lpulse-socketio /);
  });
});

describe('Debian packages', () => {
  const packages = join(folder, 'packages');
  const found = {};
  const told = (name) => ran('dpkg-deb', ['-I', found[name]]);
  const listed = (name) => ran('dpkg-deb', ['-c', found[name]]);
  before(() => {
    mkdirSync(packages);
    ran('cpack', ['--config', join(build, 'CPackConfig.cmake'), '-B', packages]);
    for (const file of readdirSync(packages).filter((each) => each.endsWith('.deb')))
      found[file.split('_')[0]] = join(packages, file);
  });

  test('are three', () => {
    assert.deepEqual(Object.keys(found).sort(), ['libpulse-socketio-dev', 'libpulse-socketio-redis-dev', 'pulseboard']);
  });

  test('the library comes with headers, both libraries, CMake package and pkg-config file', () => {
    const files = listed('libpulse-socketio-dev');
    for (const path of ['include/pulse-socketio/socketio/server.hpp', 'libpulse-socketio.so ->', 'libpulse-socketio.a',
      'cmake/pulse-socketio/pulse-socketio-config.cmake', 'pkgconfig/pulse-socketio.pc', 'doc/libpulse-socketio-dev/copyright'])
      assert.ok(files.includes(path), `${path} in\n${files}`);
    assert.doesNotMatch(files, /redis|bin\//);
    const control = told('libpulse-socketio-dev');
    assert.match(control, /Depends: .*libboost1\.\d+-dev, libboost-json1\.\d+-dev/);
    assert.match(control, /Depends: .*libboost-json1\.\d+\.0.*libssl3.*zlib1g/);
    assert.doesNotMatch(control, /hiredis|postgresql|soci/);
    ran('dpkg-deb', ['-x', found['libpulse-socketio-dev'], join(folder, 'root')]);
    assert.match(readFileSync(join(folder, 'root/usr/lib/pkgconfig/pulse-socketio.pc'), 'utf8'), /^prefix=\/usr$/m);
  });

  test('the Redis adapter depends on the library of its version, and on hiredis', () => {
    assert.match(told('libpulse-socketio-redis-dev'), /Depends: (?=.*libhiredis).*libpulse-socketio-dev \(= [\d.]+\)/);
    assert.match(listed('libpulse-socketio-redis-dev'), /include\/pulse-socketio\/redis\/client\.hpp/);
  });

  test('the server comes with its unit and settings that only root reads', () => {
    const files = listed('pulseboard');
    assert.match(files, /-rwxr-xr-x root\/root .*\.\/usr\/bin\/pulseboard\n/);
    assert.match(files, /-rw-r--r-- root\/root .*\.\/usr\/lib\/systemd\/system\/pulseboard\.service\n/);
    assert.match(files, /-rw------- root\/root .*\.\/etc\/pulseboard\.env\n/);
    assert.doesNotMatch(files, /include|\.so/);
    assert.match(told('pulseboard'), /Depends: .*libsoci-core4\.0/);
    ran('dpkg-deb', ['-e', found.pulseboard, join(folder, 'control')]);
    assert.equal(readFileSync(join(folder, 'control/conffiles'), 'utf8'), '/etc/pulseboard.env\n');
    for (const script of ['postinst', 'prerm', 'postrm']) ran('sh', ['-n', join(folder, 'control', script)]);
  });

  test('the settings are good once they have a key, and refused before', () => {
    ran('dpkg-deb', ['-x', found.pulseboard, join(folder, 'root')]);
    const text = readFileSync(join(folder, 'root/etc/pulseboard.env'), 'utf8');
    const settings = Object.fromEntries([...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    const check = (extra) => spawnSync(join(folder, 'root/usr/bin/pulseboard'), ['check-config'],
      { encoding: 'utf8', cwd: folder, env: { ...settings, ...extra } });
    const refused = check({});
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /JWT_SECRET/);
    const taken = check({ JWT_SECRET: 'k'.repeat(48) });
    assert.equal(taken.status, 0, taken.stderr);
  });

  test('systemd takes the unit, and finds it sandboxed', { skip: !has('systemd-analyze') && 'systemd-analyze is not installed' }, () => {
    const unit = join(folder, 'pulseboard.service');
    const text = readFileSync(join(root, 'deploy/pulseboard.service'), 'utf8');
    writeFileSync(unit, text.replaceAll('/usr/bin/pulseboard', program));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
    // It reads the units of the machine too, and may have something to say of those.
    assert.doesNotMatch(verified.stderr, /pulseboard/, verified.stderr);
    // 10 is a service that may do anything, 0 one that may do nothing; a plain one has 9.6.
    ran('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit]);
  });
});
