// People who sign in: accounts made by the program, and what a browser keeps for one of them.
import { api, assert, run_program, tenant } from './harness.mjs';

export const password = 'correct horse battery staple';

// An account made by `pulseboard user add`.
export function add_account(server, { role = 'tenant' } = {}) {
  const { email } = tenant();
  const added = run_program(['user', 'add', '--email', email, '--role', role, '--password-stdin'],
    { env: server.settings, input: password });
  assert.equal(added.code, 0, added.stderr);
  return { email, id: added.stdout.trim(), role, password };
}

// The cookies that an answer sets: name to {value, attributes}.
export function cookies_of(answer) {
  return Object.fromEntries(answer.headers.getSetCookie().map((line) => {
    const [pair, ...attributes] = line.split('; ');
    const at = pair.indexOf('=');
    return [pair.slice(0, at), { value: pair.slice(at + 1), attributes }];
  }));
}

let visitors = 0;

// Keeps cookies as a browser would, and has an address of its own, from which nobody else fails to sign in.
export class Visitor {
  constructor(server, headers = {}) {
    this.server = server;
    visitors += 1;
    this.headers = { 'x-forwarded-for': `198.51.${100 + (visitors >> 8)}.${visitors & 255}`, ...headers };
    this.kept = {};
  }

  get cookie() {
    return Object.entries(this.kept).map(([name, value]) => `${name}=${value}`).join('; ');
  }

  // `at`: another node than its own.
  async send(method, path, { at = this.server, headers = {}, ...options } = {}) {
    const cookie = this.cookie ? { cookie: this.cookie } : {};
    const answer = await api(at, method, path, { headers: { ...this.headers, ...cookie, ...headers }, ...options });
    for (const [name, { value, attributes }] of Object.entries(cookies_of(answer))) {
      if (attributes.includes('Max-Age=0')) delete this.kept[name];
      else this.kept[name] = value;
    }
    return answer;
  }

  try_login(email, given = password) {
    return this.send('POST', '/api/auth/login', { body: { email, password: given } });
  }

  async login(account) {
    const answer = await this.try_login(account.email, account.password);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer;
  }

  refresh(options) {
    return this.send('POST', '/api/auth/refresh', options);
  }

  logout(options) {
    return this.send('POST', '/api/auth/logout', options);
  }

  me(options) {
    return this.send('GET', '/api/auth/me', options);
  }

  // Somebody who has the same cookies.
  copy() {
    const same = new Visitor(this.server, this.headers);
    same.kept = { ...this.kept };
    return same;
  }
}

// A visitor who has signed in, on an account of its own if none is given.
export async function signed_in(server, { account = add_account(server), headers } = {}) {
  const visitor = new Visitor(server, headers);
  const answer = await visitor.login(account);
  return Object.assign(visitor, { account, expires_at: answer.body.data.expiresAt });
}
