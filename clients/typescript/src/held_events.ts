// Events that arrive while the page is paused, told in order once it goes on: what is derived from them stands still
// as well. States replace each other; of too many changes none is kept, and the current state has to be fetched.
import type { DataEvent } from './merge.js';
import type { ServerEventMap } from './types.js';

const most = 1000;

export class HeldEvents {
  private events = new Map<string, { event: DataEvent; payload: unknown }>();
  private count = 0;
  /** Some were not kept. */
  overflowed = false;

  hold(event: DataEvent, payload: unknown): void {
    if (this.overflowed) return;
    let key = `${event} ${++this.count}`;
    if (event === 'kpi:update' || event === 'reconnected') key = event;
    if (event === 'metrics:updated')
      key = `${event} ${(payload as ServerEventMap['metrics:updated']).businessId}`;
    // Replaced by a newer one, it stands where that one came.
    this.events.delete(key);
    this.events.set(key, { event, payload });
    if (this.events.size <= most) return;
    this.events.clear();
    this.overflowed = true;
  }

  /** Gives what was held, and begins anew. */
  release(): { event: DataEvent; payload: unknown }[] {
    const held = [...this.events.values()];
    this.events = new Map();
    this.overflowed = false;
    return held;
  }
}
