import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  new_machine,
  retry_delay,
  step,
  timings,
  type Effect,
  type Input,
  type Machine,
} from '../src/machine.js';

const now = { now: 1000, roll: 1 };

function run(
  inputs: Input[],
  from = new_machine(0),
  at = now,
): { machine: Machine; effects: readonly Effect[] } {
  let machine = from;
  let effects: readonly Effect[] = [];
  for (const input of inputs) ({ machine, effects } = step(machine, input, at));
  return { machine, effects };
}

const connect: Input = { type: 'connect' };
const opened: Input = { type: 'opened' };
const failed: Input = { type: 'failed', error: 'websocket error' };
const retry: Input = { type: 'timer', timer: 'retry' };
const lost: Input = { type: 'lost', error: 'transport close', by_server: false };
const kicked: Input = { type: 'lost', error: 'io server disconnect', by_server: true };
const refused: Input = { type: 'refused', error: 'Invalid authentication token' };
const three_failures = [connect, failed, retry, failed, retry, failed];
const does = (effects: readonly Effect[]) => effects.map((each) => each.do);

describe('the way of a connection', () => {
  it('begins closed, connects and is live', () => {
    expect(new_machine(0).state).toBe('closed');
    expect(run([connect]).machine.state).toBe('connecting');
    expect(does(run([connect]).effects)).toContain('open');
    expect(run([connect, opened]).machine).toMatchObject({ state: 'live', attempt: 0, error: null });
  });

  it('recovers after it broke, by itself', () => {
    const { machine, effects } = run([connect, opened, lost]);
    expect(machine).toMatchObject({ state: 'recovering', phase: 'waiting', error: 'transport close' });
    expect(effects).toContainEqual({ do: 'arm', timer: 'retry', delay: timings.first_retry });
    expect(run([connect, opened, lost, retry]).machine.phase).toBe('opening');
  });

  it('polls after three failed attempts, and keeps trying', () => {
    const { machine, effects } = run(three_failures);
    expect(machine).toMatchObject({ state: 'polling', attempt: 3, phase: 'waiting' });
    expect(does(effects)).toContain('poll');
    expect(run([...three_failures, retry]).machine).toMatchObject({ state: 'polling', phase: 'opening' });
    expect(run([...three_failures, retry, opened]).machine.state).toBe('live');
  });

  it('asks every thirty seconds while polling, whatever the answer was', () => {
    for (const outcome of ['fresh', 'failed'] as const) {
      const { effects } = run([...three_failures, { type: 'polled', outcome }]);
      expect(effects).toContainEqual({ do: 'arm', timer: 'poll', delay: 30_000 });
    }
  });

  it('is stale once nothing fresh came for too long, and polling again once something did', () => {
    const stale = run([...three_failures, { type: 'timer', timer: 'stale' }]).machine;
    expect(stale.state).toBe('stale');
    expect(run([{ type: 'polled', outcome: 'failed' }], stale).machine.state).toBe('stale');
    expect(run([{ type: 'polled', outcome: 'fresh' }], stale).machine.state).toBe('polling');
    expect(run([retry, opened], stale).machine.state).toBe('live');
  });

  it('polls as soon as it is stale, also while attempts hang', () => {
    const { machine, effects } = run([connect, { type: 'timer', timer: 'stale' }]);
    expect(machine).toMatchObject({ state: 'stale', phase: 'opening' });
    expect(does(effects)).toEqual(['poll']);
  });

  it('gives up an attempt that nobody answers, and nothing else', () => {
    const { machine, effects } = run([connect, { type: 'timer', timer: 'patience' }]);
    expect(machine).toMatchObject({ phase: 'waiting', attempt: 1 });
    expect(does(effects)[0]).toBe('shut');
  });

  it('renews a refused token once; refused again, nobody is signed in', () => {
    const asked = run([connect, refused]);
    expect(does(asked.effects)).toContain('renew');
    const renewed = run([{ type: 'authorised', turn: asked.machine.turn, at_once: true }], asked.machine);
    expect(renewed.machine.phase).toBe('opening');
    expect(run([refused], renewed.machine).machine.state).toBe('unauthorised');
    expect(run([opened, lost, retry, refused], renewed.machine).machine.phase).toBe('authorising');
  });

  it('does not take an outage for being signed out', () => {
    const { machine } = run([connect, refused]);
    const outage: Input = { type: 'not_authorised', turn: machine.turn, final: false, error: 'unreachable' };
    expect(run([outage], machine).machine).toMatchObject({ state: 'connecting', phase: 'waiting' });
    expect(run([{ ...outage, final: true }], machine).machine.state).toBe('unauthorised');
  });

  it('does not listen to renewals of another time', () => {
    const { machine } = run([connect, refused]);
    expect(run([{ type: 'authorised', turn: machine.turn - 1, at_once: true }], machine).machine).toBe(
      machine,
    );
  });

  it('rests where the role has no dashboard', () => {
    const { machine } = run([connect, { type: 'refused', error: 'Insufficient permissions' }]);
    expect(machine).toMatchObject({
      state: 'unauthorised',
      phase: 'idle',
      error: 'Insufficient permissions',
    });
  });

  it('looks who is signed in when the server ends the socket, and comes back if somebody is', () => {
    const { machine, effects } = run([connect, opened, kicked]);
    expect(does(effects)).toContain('verify');
    expect(run([{ type: 'authorised', turn: machine.turn, at_once: false }], machine).machine.phase).toBe(
      'waiting',
    );
  });

  it('leaves unauthorised and closed only when told to', () => {
    for (const rest of [
      run([connect, { type: 'close' }]).machine,
      run([connect, { type: 'refused', error: 'Insufficient permissions' }]).machine,
    ]) {
      for (const input of [opened, failed, retry, lost, { type: 'timer', timer: 'stale' } as Input])
        expect(run([input], rest).machine).toBe(rest);
      expect(run([connect], rest).machine.state).toBe('connecting');
    }
  });

  it('tries at once when somebody looks again, or the network is back', () => {
    const hidden: Input = { type: 'surroundings', hidden: true, online: true };
    const offline: Input = { type: 'surroundings', hidden: false, online: false };
    const back: Input = { type: 'surroundings', hidden: false, online: true };
    for (const away of [hidden, offline]) {
      const waiting = run([connect, away, failed]);
      expect(waiting.machine.nextAttemptAt).toBeGreaterThanOrEqual(now.now + timings.slow_retry);
      const { machine, effects } = run([back], waiting.machine);
      expect(machine.phase).toBe('opening');
      expect(does(effects)).toContain('open');
    }
  });
});

describe('the waits', () => {
  it('grow from half a second to ten, and never beyond', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 1e6].map((waits) => retry_delay(waits, false, 1))).toEqual([
      500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000,
    ]);
  });

  it('are any part of that, so that many clients do not come at once', () => {
    expect(retry_delay(3, false, 0)).toBe(0);
    expect(retry_delay(3, false, 0.25)).toBe(1000);
  });

  it('go on growing while connections break as soon as they are there', () => {
    let machine = run([connect, opened]).machine;
    const delays: number[] = [];
    for (let round = 0; round < 6; ++round) {
      const broken = step(machine, lost, now);
      delays.push((broken.machine.nextAttemptAt ?? 0) - now.now);
      machine = run([retry, opened], broken.machine).machine;
    }
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000]);
    const held = step(machine, lost, { now: now.now + timings.steady, roll: 1 });
    expect(held.effects).toContainEqual({ do: 'arm', timer: 'retry', delay: 500 });
  });
});

describe('whatever happens, in whatever order', () => {
  const input: fc.Arbitrary<Input> = fc.oneof(
    fc.constantFrom<Input>(
      connect,
      { type: 'close' },
      { type: 'retry' },
      opened,
      failed,
      refused,
      lost,
      kicked,
    ),
    fc.constantFrom<Input>(
      { type: 'refused', error: 'Insufficient permissions' },
      { type: 'refused', error: 'Invalid namespace' },
    ),
    fc.record({ type: fc.constant('surroundings' as const), hidden: fc.boolean(), online: fc.boolean() }),
    fc.record({
      type: fc.constant('polled' as const),
      outcome: fc.constantFrom('fresh' as const, 'failed' as const, 'unauthorised' as const),
    }),
    fc.record({
      type: fc.constant('timer' as const),
      timer: fc.constantFrom('retry' as const, 'patience' as const, 'poll' as const, 'stale' as const),
    }),
    fc.record({ type: fc.constant('authorised' as const), turn: fc.nat(60), at_once: fc.boolean() }),
    fc.record({
      type: fc.constant('not_authorised' as const),
      turn: fc.nat(60),
      final: fc.boolean(),
      error: fc.constant('x'),
    }),
  );

  it('there is one thing under way, something that ends it, and never a second socket', () => {
    fc.assert(
      fc.property(
        fc.array(input, { maxLength: 120 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (inputs, roll) => {
          let machine = new_machine(0);
          const armed = new Set<string>();
          for (const [index, each] of inputs.entries()) {
            const before = machine;
            // A timer that is not armed does not fire.
            if (each.type === 'timer' && !armed.delete(each.timer)) continue;
            // A result of this turn half of the time.
            const turned = 'turn' in each && index % 2 ? { ...each, turn: machine.turn } : each;
            const next = step(machine, turned, { now: index * 700, roll });
            machine = next.machine;
            for (const effect of next.effects) {
              if (effect.do === 'arm') armed.add(effect.timer);
              if (effect.do === 'disarm') armed.delete(effect.timer);
              if (effect.do === 'open') expect(before.phase).not.toBe('open');
            }
            const opens = next.effects.filter((effect) => effect.do === 'open').length;
            expect(opens).toBe(machine.phase === 'opening' && machine.turn !== before.turn ? 1 : 0);
            if (before.phase === 'opening' && opens) expect(next.effects[0]).toEqual({ do: 'shut' });
            expect(machine.phase === 'idle').toBe(['closed', 'unauthorised'].includes(machine.state));
            expect(machine.phase === 'open').toBe(machine.state === 'live');
            if (machine.phase === 'waiting') expect(armed).toContain('retry');
            if (machine.phase === 'opening') expect(armed).toContain('patience');
            expect(machine.nextAttemptAt !== null).toBe(machine.phase === 'waiting');
            if (machine.phase === 'idle' || machine.phase === 'open') expect([...armed]).toEqual([]);
            if (machine.state === 'connecting' || machine.state === 'recovering')
              expect(armed).toContain('stale');
            if (next.machine.turn !== before.turn) expect(machine.turn).toBeGreaterThan(before.turn);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
