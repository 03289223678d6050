// Asks for the current state over the socket: one question at a time, and again when something was missed.
import { is_payload, type DataEvent, type Merged } from './merge.js';
import type { Clock } from './surroundings.js';
import type { Transport } from './transport.js';

const patience = 10_000;
/** Metrics that explain a jump of the versions may come so much before or after it. */
const explained_within = 1000;
/** Between two questions that nobody but us asked for. */
const gap = 5000;

export class StateRequests {
  private asking: { answer: Promise<boolean>; end: (answered: boolean) => void } | null = null;
  private prevent: (() => void) | null = null;
  private certain = false;
  private metrics_at = -Infinity;
  private asked_at = -Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly transport: Transport,
    private readonly answered: (state: unknown) => void,
  ) {}

  /** While open. Gives whether there was an answer. */
  ask(): Promise<boolean> {
    if (this.asking) return this.asking.answer;
    this.cancel();
    this.asked_at = this.clock.now();
    let end!: (answered: boolean) => void;
    const answer = new Promise<boolean>((done) => (end = done));
    const in_time = this.clock.after(patience, () => finish(false));
    const finish = (is_here: boolean) => {
      if (this.asking?.answer !== answer) return;
      in_time();
      this.asking = null;
      end(is_here);
    };
    this.asking = { answer, end: finish };
    this.transport.send('request:current-state', undefined, (state) => {
      if (this.asking?.answer !== answer) return;
      this.answered(state);
      finish(is_payload('reconnected', state));
    });
    return answer;
  }

  /** After each event: does what came of it call for a question? */
  heard(event: DataEvent, merged: Merged): void {
    const now = this.clock.now();
    if (event === 'metrics:updated') {
      this.metrics_at = now;
      if (!this.certain) this.cancel();
    }
    if (event === 'reconnected' && merged.taken) this.cancel();
    if (merged.missed) this.ask_soon(true);
    else if (merged.unexplained && now - this.metrics_at > explained_within) this.ask_soon(false);
  }

  /** The connection has ended. */
  stop(): void {
    this.cancel();
    this.asking?.end(false);
  }

  private ask_soon(certain: boolean): void {
    this.certain ||= certain;
    if (this.prevent) return;
    const delay = Math.max(explained_within, this.asked_at + gap - this.clock.now());
    this.prevent = this.clock.after(delay, () => {
      this.cancel();
      void this.ask();
    });
  }

  private cancel(): void {
    this.prevent?.();
    this.prevent = null;
    this.certain = false;
  }
}
