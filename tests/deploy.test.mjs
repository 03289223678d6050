// deploy/: the configurations are accepted by the programs they are for, and name what there is.
import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { local_haproxy_cfg, local_nginx_conf } from '../deploy/local/proxies.mjs';
import { assert, build, root, run_program, secret, temporary_folder } from './harness.mjs';

const deploy = join(root, 'deploy');
function accepted(command, args) {
  const done = spawnSync(command, args, { env: { PATH: `${process.env.PATH}:/usr/sbin` }, encoding: 'utf8' });
  assert.ifError(done.error);
  assert.equal(done.status, 0, done.stderr);
  assert.doesNotMatch(done.stderr, /warn/i);
}

const nodes = ['127.0.0.1:4001', '127.0.0.1:4002', '127.0.0.1:4003'];

test('nginx accepts its configuration', () => {
  const folder = temporary_folder();
  const conf = join(folder, 'nginx.conf');
  writeFileSync(conf, local_nginx_conf({ folder, port: 4000, nodes }));
  accepted('nginx', ['-t', '-e', 'stderr', '-c', conf]);
});

test('HAProxy accepts its configuration', () => {
  const cfg = join(temporary_folder(), 'haproxy.cfg');
  writeFileSync(cfg, local_haproxy_cfg({ port: 4000, nodes }));
  accepted('haproxy', ['-c', '-f', cfg]);
});

test('compose.yaml and the Dockerfile name settings that there are', () => {
  const settings = new Set([...run_program(['check-config'], { env: { JWT_SECRET: secret } }).stdout.matchAll(/^([A-Z_]+)=/gm)].map((m) => m[1]));
  const compose = readFileSync(join(deploy, 'compose.yaml'), 'utf8');
  const block = /environment: &settings\n((?: {4}.*\n)+?) {2}\S/.exec(compose)[1];
  const dockerfile = /^ENV (.*)$/m.exec(readFileSync(join(deploy, 'Dockerfile'), 'utf8'))[1];
  const named = [...block.matchAll(/^ {4}([A-Z_]+):/gm), ...dockerfile.matchAll(/([A-Z_]+)=/g)].map((m) => m[1]);
  assert.ok(named.length >= 9, `${named}`);
  for (const name of named) assert.ok(settings.has(name), name);
});

test('the Dockerfile installs each library that the program links', () => {
  const dockerfile = readFileSync(join(deploy, 'Dockerfile'), 'utf8');
  const said = (command, ...args) => spawnSync(command, args, { encoding: 'utf8' }).stdout;
  const places = new Map([...said('ldd', join(build, 'pulseboard')).matchAll(/(\S+) => (\S+)/g)].map(([, name, file]) => [name, file]));
  // Those that the program itself asks for; what they ask for comes with their packages.
  const needed = [...said('llvm-objdump-19', '-p', join(build, 'pulseboard')).matchAll(/NEEDED\s+(\S+)/g)].map(([, name]) => places.get(name)).filter(Boolean);
  assert.ok(needed.length > 10);
  // Where /lib is a link to /usr/lib, dpkg knows a file by the one name or the other.
  const files = needed.map((file) => realpathSync(file)).flatMap((file) => [file, file.replace(/^\/usr/, '')]);
  const owners = new Set([...said('dpkg', '-S', ...files).matchAll(/^([^:]+):/gm)].map(([, owner]) => owner));
  assert.ok(owners.size > 10);
  for (const owner of owners)
    if (!['libc6', 'libgcc-s1'].includes(owner))   // in every image
      assert.match(dockerfile, new RegExp(`\\s${owner.replace(/[.+]/g, '\\$&')}\\s`), owner);
});
