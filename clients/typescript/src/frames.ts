// A client's snapshots, at most one a frame: what every hook of a page reads, so that a flood of events is one render.
import type { DashboardClient } from './dashboard_client.js';
import type { DashboardSnapshot } from './types.js';

const next_frame = (draw: () => void): void =>
  void (typeof requestAnimationFrame === 'function' ? requestAnimationFrame(draw) : setTimeout(draw, 16));

export class Frames {
  private readonly listeners = new Set<() => void>();
  private shown: DashboardSnapshot;
  private waiting = false;
  private deaf: (() => void) | null = null;

  constructor(private readonly client: DashboardClient) {
    this.shown = client.getSnapshot();
  }

  get = (): DashboardSnapshot => {
    // With nobody listening there is no frame to wait for.
    if (!this.deaf) this.shown = this.client.getSnapshot();
    return this.shown;
  };

  subscribe = (listener: () => void): (() => void) => {
    this.deaf ??= this.client.subscribe(() => this.changed());
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.deaf?.();
      this.deaf = null;
    };
  };

  private changed(): void {
    if (this.waiting) return;
    this.waiting = true;
    next_frame(() => {
      this.waiting = false;
      this.shown = this.client.getSnapshot();
      for (const listener of [...this.listeners]) listener();
    });
  }
}

const all = new WeakMap<DashboardClient, Frames>();

export function frames_of(client: DashboardClient): Frames {
  const known = all.get(client) ?? new Frames(client);
  all.set(client, known);
  return known;
}
