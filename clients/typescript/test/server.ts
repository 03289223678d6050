// The real server, from the harness of the program's own tests.
import * as harness from '../../../tests/harness.mjs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Business } from '../src/index.js';

export interface Running {
  url: string;
  host: string;
  port: number;
  settings: Record<string, string>;
  stop(): Promise<void>;
  child: { kill(signal: string): void };
  exited: Promise<unknown>;
}

export interface Tenant {
  id: string;
  email: string;
  token: string;
}

export const { start_server, wait_for, tenant, create_business, record, run_program, secret } = harness as {
  start_server(options?: {
    env?: Record<string, string>;
    settings?: Record<string, string>;
  }): Promise<Running>;
  wait_for<T>(condition: () => T | Promise<T>, what: string | (() => string), bound?: number): Promise<T>;
  tenant(options?: { ttl?: number }): Tenant;
  create_business(server: { url: string }, who: Tenant, fields?: Partial<Business>): Promise<Business>;
  record(server: { url: string }, business: Business, counts: Record<string, number>): Promise<void>;
  run_program(
    args: string[],
    options?: { env?: Record<string, string>; input?: string },
  ): { code: number; stdout: string; stderr: string };
  secret: string;
};

/** As an operator would make one: `pulseboard token`. */
export function token_for(who: Tenant, ttl: string): string {
  const made = run_program(['token', '--user', who.id, '--ttl', ttl], { env: { JWT_SECRET: secret } });
  if (made.code !== 0) throw new Error(made.stderr);
  return made.stdout.trim();
}

/** A user who can sign in, as an operator would make one. */
export function add_user(server: Running, email: string, password: string): void {
  const args = ['user', 'add', '--email', email, '--role', 'tenant', '--password-stdin'];
  const made = run_program(args, { env: { ...server.settings, JWT_SECRET: secret }, input: `${password}\n` });
  if (made.code !== 0) throw new Error(made.stderr);
}

/** What a browser does by itself: keeps cookies, and sends them along. */
export class Browser {
  private readonly cookies = new Map<string, string>();
  readonly headers: Record<string, string> = {};

  fetch = (async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), ...this.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    this.headers['cookie'] = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return answer;
  }) as typeof fetch;

  forget(name: string): void {
    this.cookies.delete(name);
    this.headers['cookie'] = [...this.cookies].map(([each, value]) => `${each}=${value}`).join('; ');
  }

  has = (name: string) => this.cookies.has(name);
}

/** A network in between: it can be cut, and it can refuse sockets but let requests through. */
export class Network {
  private server!: Server;
  private readonly pairs = new Set<Socket>();
  private is_up = true;
  lets_sockets = true;
  sockets_refused = 0;
  url = '';

  static async to(target: { host: string; port: number }): Promise<Network> {
    const network = new Network();
    network.server = createServer((near) => network.join(near, target));
    await new Promise<void>((done) => network.server.listen(0, '127.0.0.1', done));
    const address = network.server.address();
    network.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    return network;
  }

  cut(): void {
    this.is_up = false;
    for (const each of this.pairs) each.destroy();
  }

  mend = () => void (this.is_up = true);

  forbid_sockets(): void {
    this.lets_sockets = false;
    for (const each of this.pairs) each.destroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket, target: { host: string; port: number }): void {
    if (!this.is_up) return void near.destroy();
    const far = connect(target.port, target.host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.pairs.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.pairs.delete(one);
        other.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (!this.lets_sockets && bytes.includes('/socket.io')) {
        ++this.sockets_refused;
        return near.destroy();
      }
      far.write(bytes);
    });
    far.pipe(near);
  }
}
