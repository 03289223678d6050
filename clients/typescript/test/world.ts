// A client in a fake world.
import { createDashboardClient, type ConnectionState, type DashboardClientOptions } from '../src/index.js';
import { business, FakeClock, FakeServer, FakeSurroundings, FakeTransport, settled, state } from './fakes.js';

export const tenant = 'GET /api/dashboard/tenant';

export function world(options: DashboardClientOptions = {}) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const surroundings = new FakeSurroundings();
  const server = new FakeServer();
  const client = createDashboardClient({
    url: 'http://test/',
    clock,
    transport,
    surroundings,
    fetch: server.fetch,
    random: () => 1,
    ...options,
  });
  const states: ConnectionState[] = [];
  client.on('state', (change) => states.push(change.state));
  return {
    clock,
    transport,
    surroundings,
    server,
    client,
    states,
    now: () => client.getSnapshot().connection,
    async live(version = 10, businesses = [business('b'), business('a')]) {
      client.connect();
      await settled();
      transport.lets_in();
      transport.sent.at(-1)?.answer(state(version, businesses));
      await settled();
    },
    async fail(times = 1) {
      for (let each = 0; each < times; ++each) {
        transport.fails();
        await clock.pass(10_000);
      }
    },
  };
}
