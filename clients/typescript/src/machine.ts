// The connection's rules, without a socket, a timer or a clock: an input takes a state to the next one and to what
// has to be done. README.md shows it as a table. Results of what takes time carry the `turn` in which it was asked
// for; those of an earlier turn are of no interest any more.
import type { ConnectionState } from './types.js';

export const timings = {
  /** The most an attempt is waited with: grows from the first to the second, times a random part (full jitter). */
  first_retry: 500,
  longest_retry: 10_000,
  /** While nobody looks, or there seems to be no network. */
  slow_retry: 15_000,
  /** An attempt that takes longer has failed. */
  patience: 20_000,
  /** A connection that held for less does not end the growth of the waits. */
  steady: 10_000,
  failures_before_polling: 3,
  poll: 30_000,
  slow_poll: 120_000,
  /** Without anything fresh for so long, what is shown is stale; between polls that long beyond their interval. */
  stale: 15_000,
} as const;

export type TimerName = 'retry' | 'patience' | 'poll' | 'stale';

/** What is under way: never more than one of these, so never two sockets. */
export type Phase = 'idle' | 'authorising' | 'opening' | 'open' | 'waiting';

export interface Machine {
  readonly state: ConnectionState;
  readonly since: number;
  readonly phase: Phase;
  readonly turn: number;
  readonly attempt: number;
  readonly waits: number;
  readonly nextAttemptAt: number | null;
  /** A new token was tried since the last connection; a refusal now is final. */
  readonly renewed: boolean;
  readonly hidden: boolean;
  readonly online: boolean;
  readonly error: string | null;
}

export type Input =
  | { readonly type: 'connect' | 'close' | 'retry' | 'opened' }
  | { readonly type: 'surroundings'; readonly hidden: boolean; readonly online: boolean }
  | { readonly type: 'failed'; readonly error: string }
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'lost'; readonly error: string; readonly by_server: boolean }
  | { readonly type: 'authorised'; readonly turn: number; readonly at_once: boolean }
  | {
      readonly type: 'not_authorised';
      readonly turn: number;
      readonly final: boolean;
      readonly error: string;
    }
  | {
      readonly type: 'polled';
      readonly outcome: 'fresh' | 'failed' | 'unauthorised';
      readonly error?: string;
    }
  | { readonly type: 'timer'; readonly timer: TimerName };

export type Effect =
  | { readonly do: 'open' | 'shut' | 'renew' | 'verify' | 'poll' }
  | { readonly do: 'arm'; readonly timer: TimerName; readonly delay: number }
  | { readonly do: 'disarm'; readonly timer: TimerName };

export interface Step {
  readonly machine: Machine;
  readonly effects: readonly Effect[];
}

export interface Now {
  readonly now: number;
  /** At random, 0 to 1. */
  readonly roll: number;
}

export function new_machine(now: number, { hidden = false, online = true } = {}): Machine {
  return {
    state: 'closed',
    since: now,
    phase: 'idle',
    turn: 0,
    attempt: 0,
    waits: 0,
    nextAttemptAt: null,
    renewed: false,
    hidden,
    online,
    error: null,
  };
}

const all_timers: readonly TimerName[] = ['retry', 'patience', 'poll', 'stale'];
const disarm_all: readonly Effect[] = all_timers.map((timer) => ({ do: 'disarm', timer }));
const token_refusals = ['Invalid authentication token', 'Authentication token required'];
const role_refusal = 'Insufficient permissions';

const is_polling = (state: ConnectionState) => state === 'polling' || state === 'stale';
const is_slow = (machine: Machine) => machine.hidden || !machine.online;
const poll_delay = (machine: Machine) => (is_slow(machine) ? timings.slow_poll : timings.poll);

function to_state(machine: Machine, state: ConnectionState, now: number): Machine {
  return machine.state === state ? machine : { ...machine, state, since: now };
}

/** How long to wait for the next attempt. */
export function retry_delay(waits: number, slow: boolean, roll: number): number {
  if (slow) return timings.slow_retry * (1 + roll);
  return Math.min(timings.longest_retry, timings.first_retry * 2 ** Math.min(waits, 10)) * roll;
}

function open(machine: Machine): Step {
  return {
    machine: { ...machine, phase: 'opening', turn: machine.turn + 1, nextAttemptAt: null },
    effects: [
      { do: 'disarm', timer: 'retry' },
      { do: 'arm', timer: 'patience', delay: timings.patience },
      { do: 'open' },
    ],
  };
}

function begin(machine: Machine, now: number): Step {
  const opened = open({
    ...to_state(machine, 'connecting', now),
    attempt: 0,
    waits: 0,
    renewed: false,
    error: null,
  });
  return { ...opened, effects: [...opened.effects, { do: 'arm', timer: 'stale', delay: timings.stale }] };
}

function wait(machine: Machine, { now, roll }: Now): Step {
  const delay = retry_delay(machine.waits, is_slow(machine), roll);
  return {
    machine: {
      ...machine,
      phase: 'waiting',
      turn: machine.turn + 1,
      waits: machine.waits + 1,
      nextAttemptAt: now + delay,
    },
    effects: [
      { do: 'disarm', timer: 'patience' },
      { do: 'arm', timer: 'retry', delay },
    ],
  };
}

function authorise(machine: Machine, how: 'renew' | 'verify'): Step {
  return {
    machine: { ...machine, phase: 'authorising', turn: machine.turn + 1, nextAttemptAt: null },
    effects: [{ do: 'disarm', timer: 'patience' }, { do: how }],
  };
}

function rest(machine: Machine, state: 'closed' | 'unauthorised', now: number, error: string | null): Step {
  const resting: Machine = {
    ...to_state(machine, state, now),
    phase: 'idle',
    turn: machine.turn + 1,
    attempt: 0,
    nextAttemptAt: null,
    error,
  };
  return { machine: resting, effects: [...disarm_all, { do: 'shut' }] };
}

function failed(machine: Machine, error: string, now: Now): Step {
  const after = { ...machine, attempt: machine.attempt + 1, error };
  const polls = after.attempt >= timings.failures_before_polling && !is_polling(after.state);
  const waiting = wait(polls ? to_state(after, 'polling', now.now) : after, now);
  return polls ? { ...waiting, effects: [...waiting.effects, { do: 'poll' }] } : waiting;
}

function refused(machine: Machine, error: string, now: Now): Step {
  if (error === role_refusal) return rest(machine, 'unauthorised', now.now, error);
  if (!token_refusals.includes(error)) return failed(machine, error, now);
  if (machine.renewed) return rest(machine, 'unauthorised', now.now, error);
  return authorise({ ...machine, renewed: true, error }, 'renew');
}

function opened(machine: Machine, now: number): Step {
  const live: Machine = {
    ...to_state(machine, 'live', now),
    phase: 'open',
    turn: machine.turn + 1,
    attempt: 0,
    nextAttemptAt: null,
    renewed: false,
    error: null,
  };
  return { machine: live, effects: disarm_all };
}

function lost(machine: Machine, by_server: boolean, error: string, now: Now): Step {
  const held = now.now - machine.since >= timings.steady;
  const after = { ...to_state(machine, 'recovering', now.now), waits: held ? 0 : machine.waits, error };
  // The server said that it wants no more of this socket: perhaps its session is over.
  const next = by_server ? authorise(after, 'verify') : wait(after, now);
  return { ...next, effects: [...next.effects, { do: 'arm', timer: 'stale', delay: timings.stale }] };
}

function at_once(machine: Machine): Step {
  const polls: Effect[] = is_polling(machine.state) ? [{ do: 'poll' }] : [];
  if (machine.phase !== 'waiting') return { machine, effects: polls };
  const opening = open(machine);
  return { ...opening, effects: [...opening.effects, ...polls] };
}

function polled(machine: Machine, input: Input & { type: 'polled' }, now: number): Step {
  if (!is_polling(machine.state)) return { machine, effects: [] };
  if (input.outcome === 'unauthorised') return rest(machine, 'unauthorised', now, input.error ?? null);
  const delay = poll_delay(machine);
  const again: Effect = { do: 'arm', timer: 'poll', delay };
  if (input.outcome === 'failed') return { machine, effects: [again] };
  return {
    machine: to_state(machine, 'polling', now),
    effects: [again, { do: 'arm', timer: 'stale', delay: delay + timings.stale }],
  };
}

function on_timer(machine: Machine, timer: TimerName, now: Now): Step {
  const nothing: Step = { machine, effects: [] };
  switch (timer) {
    case 'retry':
      return machine.phase === 'waiting' ? open(machine) : nothing;
    case 'patience': {
      if (machine.phase !== 'opening') return nothing;
      const next = failed(machine, 'no answer', now);
      return { ...next, effects: [{ do: 'shut' }, ...next.effects] };
    }
    case 'poll':
      return is_polling(machine.state) ? { machine, effects: [{ do: 'poll' }] } : nothing;
    case 'stale': {
      if (machine.phase === 'idle' || machine.phase === 'open') return nothing;
      const stale = to_state(machine, 'stale', now.now);
      // Attempts that hang may not have been three yet; from here on there is polling anyway.
      return { machine: stale, effects: is_polling(machine.state) ? [] : [{ do: 'poll' }] };
    }
  }
}

function on_surroundings(machine: Machine, hidden: boolean, online: boolean): Step {
  const better = (machine.hidden && !hidden) || (!machine.online && online);
  const after =
    machine.hidden === hidden && machine.online === online ? machine : { ...machine, hidden, online };
  return better && !is_slow(after) ? at_once(after) : { machine: after, effects: [] };
}

export function step(machine: Machine, input: Input, now: Now): Step {
  const nothing: Step = { machine, effects: [] };
  switch (input.type) {
    case 'connect':
      return machine.phase === 'idle' ? begin(machine, now.now) : nothing;
    case 'close':
      return machine.state === 'closed' ? nothing : rest(machine, 'closed', now.now, null);
    case 'retry':
      return machine.state === 'unauthorised' ? begin(machine, now.now) : at_once(machine);
    case 'surroundings':
      return on_surroundings(machine, input.hidden, input.online);
    case 'opened':
      return machine.phase === 'opening' ? opened(machine, now.now) : nothing;
    case 'failed':
      return machine.phase === 'opening' ? failed(machine, input.error, now) : nothing;
    case 'refused':
      return machine.phase === 'opening' ? refused(machine, input.error, now) : nothing;
    case 'lost':
      return machine.phase === 'open' ? lost(machine, input.by_server, input.error, now) : nothing;
    case 'authorised':
      if (machine.phase !== 'authorising' || input.turn !== machine.turn) return nothing;
      return input.at_once ? open(machine) : wait(machine, now);
    case 'not_authorised':
      if (machine.phase !== 'authorising' || input.turn !== machine.turn) return nothing;
      return input.final
        ? rest(machine, 'unauthorised', now.now, input.error)
        : failed(machine, input.error, now);
    case 'polled':
      return polled(machine, input, now.now);
    case 'timer':
      return on_timer(machine, input.timer, now);
  }
}
