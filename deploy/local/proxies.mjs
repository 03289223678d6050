// The configurations of deploy/ with the addresses and folders of this machine in them.
import { readFileSync } from 'node:fs';

// `nodes` are three addresses, 127.0.0.1:4001 and so on.
function local(name, nodes) {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8').replace(/node(\d):4000/g, (_, n) => nodes[n - 1]);
}

export function local_nginx_conf({ folder, port, nodes }) {
  return local('nginx.conf', nodes).replace('listen 8080;', `listen 127.0.0.1:${port};`).replaceAll(' /tmp/', ` ${folder}/`);
}

export function local_haproxy_cfg({ port, nodes }) {
  return local('haproxy.cfg', nodes).replace('bind :8080', `bind 127.0.0.1:${port}`);
}
