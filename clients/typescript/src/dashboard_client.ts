// What an application sees of a client.
import type { DashboardApi } from './api.js';
import type { GetToken } from './session.js';
import type { Clock, Surroundings } from './surroundings.js';
import type { SocketOptions, Transport } from './transport.js';
import type { DashboardEventMap, DashboardSnapshot } from './types.js';

export interface DashboardClientOptions {
  /** Where the server is, as `https://dashboard.example`; in a browser by default where the page came from. */
  url?: string;
  /** Gives the current access token; asked before every attempt. Without it, cookies do the work. */
  getToken?: GetToken;
  /** Handed on to socket.io-client, for what only the application knows: `path`, `extraHeaders`, … */
  socketOptions?: SocketOptions;
  fetch?: typeof fetch;
  transport?: Transport;
  clock?: Clock;
  surroundings?: Surroundings;
  /** 0 to 1, for the jitter. */
  random?: () => number;
}

export interface DashboardClient {
  readonly api: DashboardApi;
  /** Begins, also after close() and after signing in again. */
  connect(): void;
  close(): void;
  /** What is shown stands still; what arrives is merged behind it. */
  pause(): void;
  resume(): void;
  /** Fetches the current state now, and tries to connect now if it waits to. Rejects with an ApiError. */
  refresh(): Promise<void>;
  getSnapshot(): DashboardSnapshot;
  subscribe(listener: () => void): () => void;
  /** Gives what ends it. */
  on<E extends keyof DashboardEventMap>(
    event: E,
    handler: (payload: DashboardEventMap[E]) => void,
  ): () => void;
}
