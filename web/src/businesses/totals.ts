// The counts of the businesses that are looked at. The list comes without them: they are asked for one by one, once
// the scrolling rests, and from then on moved by their events.
import type { Metrics } from '@pulseboard/client';

export interface TotalsSource {
  fetch: (id: string) => Promise<Metrics>;
  /** `missed`: what is known may be old. */
  listen: (updated: (id: string, metrics: Metrics) => void, missed: () => void) => void;
}

const at_once = 4;
const rest_ms = 200;

interface Known {
  metrics: Metrics;
  turn: number;
}

export class Totals {
  private known = new Map<string, Known>();
  private view: ReadonlyMap<string, Metrics> = new Map();
  private wanted: readonly string[] = [];
  private readonly asked = new Set<string>();
  // What was fetched in an earlier turn may be old.
  private turn = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private frame = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly source: TotalsSource,
    private readonly next_frame: (draw: () => void) => void = (draw) => void requestAnimationFrame(draw),
  ) {
    source.listen(
      (id, metrics) => this.put(id, metrics),
      () => {
        ++this.turn;
        this.rest();
      },
    );
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  get_view = (): ReadonlyMap<string, Metrics> => this.view;

  want(ids: readonly string[]): void {
    this.wanted = ids;
    this.rest();
  }

  private rest(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), rest_ms);
  }

  private ask(): void {
    for (const id of this.wanted) {
      if (this.asked.size >= at_once) return;
      if (this.asked.has(id) || this.known.get(id)?.turn === this.turn) continue;
      this.asked.add(id);
      const { turn } = this;
      const before = this.known.get(id);
      this.source.fetch(id).then(
        (metrics) => {
          this.asked.delete(id);
          // An event that came meanwhile is newer.
          if (this.known.get(id) === before) this.put(id, metrics, turn);
          this.ask();
        },
        // Nothing is shown for it; scrolling, or its next event, tries again.
        () => this.asked.delete(id),
      );
    }
  }

  private put(id: string, metrics: Metrics, turn = this.turn): void {
    this.known.set(id, { metrics, turn });
    if (this.frame) return;
    this.frame = true;
    this.next_frame(() => {
      this.frame = false;
      this.view = new Map([...this.known].map(([each, { metrics: counts }]) => [each, counts]));
      for (const listener of this.listeners) listener();
    });
  }
}
