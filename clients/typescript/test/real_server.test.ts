// Against the real program: what breaks here is what breaks in practice.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  createDashboardClient,
  type ConnectionState,
  type DashboardClient,
  type DashboardClientOptions,
} from '../src/index.js';
import {
  add_user,
  Browser,
  create_business,
  Network,
  record,
  start_server,
  tenant,
  token_for,
  wait_for,
  type Running,
  type Tenant,
} from './server.js';

let server: Running;
const open: { close(): void }[] = [];

beforeAll(async () => {
  server = await start_server();
});
afterAll(() => server.stop());
afterEach(() => open.splice(0).forEach((each) => each.close()));

interface Watched {
  client: DashboardClient;
  states: ConnectionState[];
  is: (state: ConnectionState, bound?: number) => Promise<unknown>;
}

function watched(options: DashboardClientOptions): Watched {
  const client = createDashboardClient(options);
  open.push(client);
  const states: ConnectionState[] = [];
  client.on('state', (change) => states.push(change.state));
  client.connect();
  const now = () => client.getSnapshot().connection;
  const is = (state: ConnectionState, bound = 20_000) =>
    wait_for(
      () => now().state === state,
      () => `${state}; it is ${JSON.stringify(now())}`,
      bound,
    );
  return { client, states, is };
}

const watching = (url: string, who: Tenant) => watched({ url, getToken: () => who.token });

async function through_network(who: Tenant) {
  const network = await Network.to(server);
  open.push(network);
  const seen = watching(network.url, who);
  await seen.is('live');
  await wait_for(() => seen.client.getSnapshot().total !== null, 'the state');
  return { network, ...seen };
}

it('shows what happens as it happens', async () => {
  const who = tenant();
  const { client, is } = watching(server.url, who);
  await is('live');
  const business = await client.api.createBusiness({
    name: 'Harbour Kitchen',
    category: 'food',
    status: 'active',
  });
  await wait_for(() => client.getSnapshot().businesses[0]?.id === business.id, 'the new business');
  await record(server, business, { view: 5 });
  await wait_for(() => client.getSnapshot().kpis?.landlordViews === 5, 'the views');
  await wait_for(() => client.getSnapshot().metrics.get(business.id)?.views_count === 5, 'its metrics');
  await client.api.deleteBusiness(business.id);
  await wait_for(() => client.getSnapshot().total === 0, 'that it is gone');
  expect(client.getSnapshot().businesses).toEqual([]);
});

it('comes back to a server that was killed and started again, with what was missed', async () => {
  const who = tenant();
  const own = await start_server();
  const { client, is, states } = watching(own.url, who);
  await create_business(own, who);
  await wait_for(() => client.getSnapshot().total === 1, 'the first business');
  const [row] = client.getSnapshot().businesses;
  own.child.kill('SIGKILL');
  await own.exited;
  await is('recovering');
  const again = await start_server({ settings: own.settings, env: { PORT: String(own.port) } });
  const missed = await create_business(again, who);
  await is('live', 30_000);
  await wait_for(() => client.getSnapshot().businesses[0]?.id === missed.id, 'what was missed');
  expect(client.getSnapshot().businesses[1]).toBe(row);
  expect(states.filter((state) => state === 'live')).toHaveLength(2);
  client.close();
  await again.stop();
});

it('is stale without a network, keeps what it shows, and is live again when it is back', async () => {
  const who = tenant();
  await create_business(server, who);
  const { client, network, is } = await through_network(who);
  const before = client.getSnapshot();
  network.cut();
  await is('recovering');
  await is('polling', 30_000);
  await is('stale', 40_000);
  expect(client.getSnapshot()).toMatchObject({ businesses: before.businesses, kpis: before.kpis });
  const missed = await create_business(server, who);
  network.mend();
  await is('live', 30_000);
  await wait_for(() => client.getSnapshot().businesses[0]?.id === missed.id, 'what was missed');
});

it('polls where requests get through and sockets do not, and is live once they do', async () => {
  const who = tenant();
  const { client, network, is, states } = await through_network(who);
  network.forbid_sockets();
  await create_business(server, who);
  await is('polling', 30_000);
  expect(network.sockets_refused).toBeGreaterThanOrEqual(3);
  await wait_for(() => client.getSnapshot().total === 1, 'what a poll brought');
  network.lets_sockets = true;
  await is('live', 30_000);
  expect(states).toEqual(['connecting', 'live', 'recovering', 'polling', 'live']);
});

it('comes back with a new token when the old one has expired', async () => {
  const who = tenant();
  const asked: boolean[] = [];
  const short = token_for(who, '1s');
  const refused = async () =>
    (await fetch(`${server.url}/api/businesses`, { headers: { authorization: `Bearer ${short}` } })).status;
  await wait_for(async () => (await refused()) === 401, 'the end of the token');
  const { client, is } = watched({
    url: server.url,
    getToken({ renew }) {
      asked.push(renew);
      return renew ? who.token : short;
    },
  });
  await is('live');
  expect(asked).toEqual([false, true]);
  expect(client.getSnapshot().connection.error).toBe(null);
});

it('is unauthorised with a token that no renewal mends', async () => {
  const { client, is } = watched({ url: server.url, getToken: () => 'nonsense' });
  await is('unauthorised');
  expect(client.getSnapshot().connection.error).toBe('Invalid authentication token');
});

it('renews a token in place: the same connection goes on', async () => {
  const who = tenant();
  let renewals = 0;
  const short = token_for(who, '31s');
  const { client, is, states } = watched({
    url: server.url,
    getToken({ renew }) {
      if (!renew) return short;
      ++renewals;
      return who.token;
    },
  });
  await is('live');
  const told: string[] = [];
  client.on('auth:expiring', ({ expiresAt }) => told.push(expiresAt));
  await wait_for(() => renewals === 1 && told.length === 1, 'the renewal', 10_000);
  // What was asked after it is answered: the server has taken the token, or this would be another connection.
  await client.refresh();
  expect(states).toEqual(['connecting', 'live']);
});

it('signs in by cookies, renews them, and signs out in every tab', async () => {
  add_user(server, 'owner@example.org', 'a long password');
  const browser = new Browser();
  const tab = () => ({
    url: server.url,
    fetch: browser.fetch,
    socketOptions: { extraHeaders: browser.headers },
  });
  const first = watched(tab());
  await first.is('unauthorised');
  const { user } = await first.client.api.login({ email: 'owner@example.org', password: 'a long password' });
  await first.is('live');
  const second = watched(tab());
  await second.is('live');
  expect((await second.client.api.me()).id).toBe(user.id);

  // Its time is over: the next request brings a new one by itself.
  browser.forget('accessToken');
  await first.client.api.kpis();
  expect(browser.has('accessToken')).toBe(true);

  await first.client.api.logout();
  expect(first.client.getSnapshot().connection.state).toBe('closed');
  await second.is('unauthorised');
  expect(second.client.getSnapshot().connection.state).toBe('unauthorised');
  await expect(second.client.api.kpis()).rejects.toMatchObject({ status: 401 });
});
