// One dashboard: the machine's rules carried out with a socket, requests and timers; what arrives merged and shown.
import { is_unauthorised, ApiError, text_of } from './api_error.js';
import { make_api, make_request, type DashboardApi } from './api.js';
import type { DashboardClient, DashboardClientOptions } from './dashboard_client.js';
import { HeldEvents } from './held_events.js';
import { new_machine, step, type Effect, type Input, type Machine, type TimerName } from './machine.js';
import * as merging from './merge.js';
import { StateRequests } from './state_requests.js';
import { cookie_session, token_session, type Session } from './session.js';
import { browser_surroundings, system_clock, type Clock, type Surroundings } from './surroundings.js';
import { extend_socket } from './extend_socket.js';
import { SocketTransport, type Carrier, type Transport } from './transport.js';
import { Listeners } from './listeners.js';
import type { Connection, DashboardEventMap, DashboardSnapshot, ServerEventMap } from './types.js';

export function createDashboardClient(options: DashboardClientOptions = {}): DashboardClient {
  return new Client(options);
}

type Shown = Pick<DashboardSnapshot, 'kpis' | 'businesses' | 'total' | 'metrics' | 'version'>;

class Client implements DashboardClient {
  readonly api: DashboardApi;
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly surroundings: Surroundings;
  private readonly session: Session;
  private readonly transport: Transport;
  private readonly states: StateRequests;
  private readonly listeners = new Listeners();
  private readonly timers = new Map<TimerName, () => void>();
  private readonly held = new HeldEvents();
  private machine: Machine;
  private data = merging.no_data;
  private snapshot: DashboardSnapshot;
  private carrier: Carrier | null = null;
  private updated_at: number | null = null;
  private paused: (Shown & { at: number | null }) | null = null;
  private inputs: Input[] = [];
  private stepping = false;
  private polling: object | null = null;
  // From one rest to the next: what was asked for in one may be of nobody's interest in another.
  private life = {};
  private leaving: Promise<boolean> | null = null;
  private deaf: (() => void) | null = null;

  constructor(options: DashboardClientOptions) {
    const url = (options.url ?? '').replace(/\/+$/, '');
    this.clock = options.clock ?? system_clock;
    this.random = options.random ?? Math.random;
    this.surroundings = options.surroundings ?? browser_surroundings;
    const given = options.fetch ?? ((...args: Parameters<typeof fetch>) => globalThis.fetch(...args));
    const token = () => this.session.token();
    const request = make_request({ url, fetch: given, clock: this.clock, token });
    this.session = options.getToken ? token_session(options.getToken) : cookie_session(request);
    this.api = make_api(request, {
      renew: () => this.session.renew(),
      signed_in: () => this.machine.state === 'unauthorised' && this.take({ type: 'retry' }),
      leaving: (left) => this.leave(left),
      changed: () => this.machine.phase !== 'open' && this.timers.has('poll') && this.poll(),
    });
    this.transport = options.transport ?? new SocketTransport(url, options.socketOptions ?? {});
    this.states = new StateRequests(this.clock, this.transport, (state) =>
      this.on_data('reconnected', state, false),
    );
    this.transport.listen({
      opened: (recovered, carrier) => this.on_opened(recovered, carrier),
      carrier: (carrier) => {
        this.carrier = carrier;
        this.show();
      },
      failed: (error) => this.take({ type: 'failed', error }),
      refused: (error) => this.take({ type: 'refused', error }),
      lost: (error, by_server) => this.take({ type: 'lost', error, by_server }),
      event: (name, payload) => this.on_event(name, payload),
    });
    this.machine = new_machine(this.clock.now());
    this.snapshot = { ...this.shown(), connection: this.connection() };
  }

  connect(): void {
    this.deaf ??= this.surroundings.listen(() => this.look_around());
    this.look_around();
    this.take({ type: 'connect' });
  }

  close(): void {
    this.deaf?.();
    this.deaf = null;
    this.take({ type: 'close' });
  }

  pause(): void {
    this.paused ??= { ...this.shown(), at: this.updated_at };
    this.show();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = null;
    const { overflowed } = this.held;
    const held = this.held.release();
    this.show();
    for (const { event, payload } of held) this.listeners.emit(event, payload as never);
    if (overflowed) void this.refresh().catch(() => {});
  }

  async refresh(): Promise<void> {
    this.take({ type: 'retry' });
    if (this.machine.phase === 'open' && (await this.states.ask())) return;
    await this.fetch_state();
  }

  getSnapshot = (): DashboardSnapshot => this.snapshot;
  subscribe = (listener: () => void): (() => void) => this.listeners.subscribe(listener);

  on<E extends keyof DashboardEventMap>(
    event: E,
    handler: (payload: DashboardEventMap[E]) => void,
  ): () => void {
    return this.listeners.on(event, handler);
  }

  // ---------------------------------------------------------------- the machine

  // One input at a time, also when carrying out an effect brings the next.
  private take(input: Input): void {
    this.inputs.push(input);
    if (this.stepping) return;
    this.stepping = true;
    const { state: previous } = this.machine;
    for (let next = this.inputs.shift(); next; next = this.inputs.shift()) {
      const { machine, effects } = step(this.machine, next, { now: this.clock.now(), roll: this.random() });
      if (machine.phase === 'idle' && this.machine.phase !== 'idle') this.life = {};
      this.machine = machine;
      if (machine.phase !== 'open') this.states.stop();
      // What a poll brings now would be older than what is known, or of nobody's interest.
      if (machine.phase === 'open' || machine.phase === 'idle') this.polling = null;
      for (const effect of effects) this.carry_out(effect);
    }
    this.stepping = false;
    const { state } = this.machine;
    this.show();
    if (state !== previous) this.listeners.emit('state', { state, previous });
  }

  private carry_out(effect: Effect): void {
    switch (effect.do) {
      case 'arm':
        this.timers.get(effect.timer)?.();
        this.timers.set(
          effect.timer,
          this.clock.after(effect.delay, () => this.on_timer(effect.timer)),
        );
        return;
      case 'disarm':
        this.timers.get(effect.timer)?.();
        this.timers.delete(effect.timer);
        return;
      case 'open':
        return void this.open();
      case 'shut':
        return this.transport.close();
      case 'renew':
        return void this.authorise(() => this.session.renew(), true);
      case 'verify':
        return void this.authorise(() => this.verify(), false);
      case 'poll':
        return void this.poll();
    }
  }

  private on_timer(timer: TimerName): void {
    this.timers.delete(timer);
    this.take({ type: 'timer', timer });
  }

  private async open(): Promise<void> {
    const { turn } = this.machine;
    try {
      const token = await this.session.token();
      if (turn === this.machine.turn) this.transport.open(token === null ? {} : { token });
    } catch (error) {
      if (turn === this.machine.turn) this.take({ type: 'failed', error: text_of(error) });
    }
  }

  private async authorise(how: () => Promise<unknown>, at_once: boolean): Promise<void> {
    const { turn } = this.machine;
    try {
      await how();
      this.take({ type: 'authorised', turn, at_once });
    } catch (error) {
      this.take({ type: 'not_authorised', turn, final: is_unauthorised(error), error: text_of(error) });
    }
  }

  // The server has ended this socket: is its user still signed in?
  private async verify(): Promise<void> {
    if (await this.leaving) return;
    await this.api.me().catch((error: unknown) => {
      // A server without sessions: the next attempt will tell.
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  // Between asking to be signed out and the answer, the server ends the socket; that is no news then.
  private leave(left: Promise<boolean>): void {
    this.leaving = left.then((done) => {
      this.leaving = null;
      if (!done) return false;
      this.close();
      this.data = merging.no_data;
      this.updated_at = null;
      this.show();
      return true;
    });
  }

  private look_around(): void {
    this.take({
      type: 'surroundings',
      hidden: this.surroundings.hidden(),
      online: this.surroundings.online(),
    });
  }

  // ---------------------------------------------------------------- what arrives

  private on_opened(recovered: boolean, carrier: Carrier): void {
    if (this.machine.phase !== 'opening') return;
    this.carrier = carrier;
    this.data = merging.on_new_connection(this.data, recovered);
    this.take({ type: 'opened' });
    if (!recovered || this.data.total === null) void this.states.ask();
  }

  private on_event(name: string, payload: unknown): void {
    if (name === 'auth:expiring') {
      void extend_socket(this.session, this.transport, this.clock, this.turn_check());
      this.listeners.emit(name, payload as ServerEventMap['auth:expiring']);
    }
    const event = merging.data_events.find((each) => each === name);
    if (event) this.on_data(event, payload, true);
  }

  private on_data(event: merging.DataEvent, payload: unknown, tell: boolean): void {
    if (!merging.is_payload(event, payload)) return;
    const merged = merging.merge(this.data, event, payload as never);
    this.data = merged.data;
    this.states.heard(event, merged);
    if (!merged.taken) return;
    this.updated_at = this.clock.now();
    this.show();
    if (!tell) return;
    if (this.paused) this.held.hold(event, payload);
    else this.listeners.emit(event, payload as never);
  }

  private async poll(): Promise<void> {
    if (this.polling) return;
    const poll = (this.polling = {});
    const end = (input: Input) => {
      if (this.polling !== poll) return;
      this.polling = null;
      this.take(input);
    };
    try {
      await this.fetch_state(() => this.polling === poll);
      end({ type: 'polled', outcome: 'fresh' });
    } catch (error) {
      end({
        type: 'polled',
        outcome: is_unauthorised(error) ? 'unauthorised' : 'failed',
        error: text_of(error),
      });
    }
  }

  private async fetch_state(wanted = this.same_life()): Promise<void> {
    const state = await this.api.tenant().catch(async (error: unknown) => {
      // Without its database the server may still know the figures.
      if (!(error instanceof ApiError && error.status === 503)) throw error;
      const kpis = await this.api.kpis().catch(() => null);
      if (!kpis) throw error;
      return { kpis };
    });
    // A connection that has come meanwhile says it better.
    if (!wanted() || this.machine.phase === 'open') return;
    this.data = merging.show_state(this.data, state);
    this.updated_at = this.clock.now();
    this.show();
    if (this.timers.has('poll')) this.take({ type: 'polled', outcome: 'fresh' });
  }

  // Whether what begins now still belongs there.
  private turn_check(): () => boolean {
    const { turn } = this.machine;
    return () => this.machine.turn === turn;
  }

  private same_life(): () => boolean {
    const { life } = this;
    return () => this.life === life;
  }

  // ---------------------------------------------------------------- what is shown

  private shown(): Shown {
    const { kpis, businesses, total, metrics, version } = this.data;
    return { kpis, businesses, total, metrics, version };
  }

  private connection(): Connection {
    const { state, since, attempt, nextAttemptAt, error, online } = this.machine;
    return {
      state,
      since,
      attempt,
      nextAttemptAt,
      online,
      paused: this.paused !== null,
      transport: state === 'live' ? this.carrier : null,
      lastUpdateAt: this.paused ? this.paused.at : this.updated_at,
      error,
    };
  }

  private show(): void {
    if (this.stepping) return;
    const { kpis, businesses, total, metrics, version } = this.paused ?? this.shown();
    const connection = merging.same_or(this.snapshot.connection, this.connection());
    const next = merging.same_or(this.snapshot, { connection, kpis, businesses, total, metrics, version });
    if (next === this.snapshot) return;
    this.snapshot = next;
    this.listeners.notify();
  }
}
