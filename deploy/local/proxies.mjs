// The configurations of deploy/ with the addresses and folders of this machine in them.
import { readFileSync } from 'node:fs';

// `nodes` are three addresses, 127.0.0.1:4001 and so on.
function local(name, nodes) {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8').replace(/node(\d):4000/g, (_, n) => nodes[n - 1]);
}

// With `demo_port`, /demo/ goes there.
export function local_nginx_conf({ folder, port, nodes, demo_port }) {
  const conf = local('nginx.conf', nodes).replace('listen 8080;', `listen 127.0.0.1:${port};`).replaceAll(' /tmp/', ` ${folder}/`);
  if (!demo_port) return conf;
  return conf.replace('    location / {', `    location /demo/ { proxy_pass http://127.0.0.1:${demo_port}; }\n    location / {`);
}

export function local_haproxy_cfg({ port, nodes }) {
  return local('haproxy.cfg', nodes).replace('bind :8080', `bind 127.0.0.1:${port}`);
}
