import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { business, business_event, data, kpi_event, kpis, settled, state } from './fakes.js';
import { tenant, world } from './world.js';

describe('whatever happens, in whatever order', () => {
  // FakeTransport throws on a second connection.
  it('there is never a second connection, it is never stuck, and the version only grows', async () => {
    const action = fc.constantFrom(
      'connect',
      'close',
      'lets_in',
      'fails',
      'refuses',
      'breaks',
      'kicks',
      'pass',
      'pass_long',
      'hide',
      'show',
      'offline',
      'event',
      'old',
      'refresh',
      'pause',
      'resume',
      'network',
      'no_network',
      'signed_out',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { client, clock, transport, surroundings, server, now } = world();
        let version = 10;
        let before = -1;
        for (const each of actions) {
          if (each === 'connect' || each === 'close' || each === 'pause' || each === 'resume') client[each]();
          if (each === 'lets_in' || each === 'fails' || each === 'breaks' || each === 'kicks')
            transport[each]();
          if (each === 'refuses') transport.refuses();
          if (each === 'pass') await clock.pass(700);
          if (each === 'pass_long') await clock.pass(40_000);
          if (each === 'hide') surroundings.become({ hidden: true });
          if (each === 'show') surroundings.become({ hidden: false, online: true });
          if (each === 'offline') surroundings.become({ online: false });
          if (each === 'event')
            transport.says('business:created', business_event(++version, business(`${version}`)));
          if (each === 'old') transport.says('kpi:update', kpi_event(Math.max(0, version - 3)));
          if (each === 'refresh') void client.refresh().catch(() => {});
          if (each === 'network') {
            server.answers = {
              [tenant]: data({ kpis: kpis(), businesses: [], total: 0 }),
              'POST /api/auth/refresh': data({}),
            };
            server.answers['GET /api/auth/me'] = data({ user: {} });
          }
          if (each === 'no_network')
            server.answers = {
              [tenant]: 'no network',
              'POST /api/auth/refresh': 'no network',
              'GET /api/auth/me': 'silence',
            };
          if (each === 'signed_out')
            server.answers = {
              [tenant]: { status: 401 },
              'POST /api/auth/refresh': { status: 401 },
              'GET /api/auth/me': { status: 401 },
            };
          await settled();
          for (const asked of transport.sent.splice(0)) asked.answer(state(version));
          await settled();
          const shown = client.getSnapshot().version ?? -1;
          expect(shown).toBeGreaterThanOrEqual(before);
          before = shown;
        }
        // A world that is well again: live within a minute, unless told to rest.
        server.answers = {
          'POST /api/auth/refresh': data({}),
          'GET /api/auth/me': data({ user: {} }),
          [tenant]: data(state(version)),
        };
        surroundings.become({ hidden: false, online: true });
        for (let turn = 0; turn < 12 && !['live', 'closed', 'unauthorised'].includes(now().state); ++turn) {
          await clock.pass(5000);
          transport.lets_in();
          await settled();
        }
        expect(['live', 'closed', 'unauthorised']).toContain(now().state);
        client.close();
        await clock.pass(60_000);
        expect(clock.waiting).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
