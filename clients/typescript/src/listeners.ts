// Who wants to hear: of any change, or of single events. One that throws does not keep the others from hearing.
import type { DashboardEventMap } from './types.js';

type Handler = (payload: never) => void;

function call(run: () => void): void {
  try {
    run();
  } catch (error) {
    // Reported as if nobody had called it, which is what it would be without a client in between.
    queueMicrotask(() => {
      throw error;
    });
  }
}

export class Listeners {
  private readonly of_any = new Set<() => void>();
  private readonly of_event = new Map<keyof DashboardEventMap, Set<Handler>>();

  // A wrapper of its own for each, so that the same function may be given twice.
  subscribe(listener: () => void): () => void {
    const own = () => listener();
    this.of_any.add(own);
    return () => void this.of_any.delete(own);
  }

  on<E extends keyof DashboardEventMap>(
    event: E,
    handler: (payload: DashboardEventMap[E]) => void,
  ): () => void {
    const own: Handler = (payload) => handler(payload);
    const handlers = this.of_event.get(event) ?? new Set();
    this.of_event.set(event, handlers.add(own));
    return () => void handlers.delete(own);
  }

  notify(): void {
    for (const listener of [...this.of_any]) call(listener);
  }

  emit<E extends keyof DashboardEventMap>(event: E, payload: DashboardEventMap[E]): void {
    for (const handler of [...(this.of_event.get(event) ?? [])]) call(() => handler(payload as never));
  }
}
