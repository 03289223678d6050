// The one socket, behind an interface: a client has one for its whole life and opens it again and again, so that
// it can come back as who it was (connection state recovery).
import { Manager, type ManagerOptions, type Socket } from 'socket.io-client';

export type Carrier = 'websocket' | 'polling';

export interface TransportListener {
  /** The server let us in. `recovered`: what was missed follows by itself. */
  opened(recovered: boolean, carrier: Carrier): void;
  carrier(carrier: Carrier): void;
  /** The network, or what stands in it. */
  failed(error: string): void;
  /** The server's own words. */
  refused(error: string): void;
  lost(error: string, by_server: boolean): void;
  event(name: string, payload: unknown): void;
}

export interface Transport {
  /** Once, before anything else. */
  listen(listener: TransportListener): void;
  /** Ends in one of opened, failed, refused; opened in one lost. */
  open(auth: { token?: string }): void;
  /** After it nothing more is heard of that opening. */
  close(): void;
  /** While open. The answer, if there is one, goes to `answered`. */
  send(event: string, payload?: object, answered?: (answer: unknown) => void): void;
}

export type SocketOptions = Partial<ManagerOptions>;

export class SocketTransport implements Transport {
  private readonly manager: Manager;
  private readonly socket: Socket;
  private auth: { token?: string } = {};
  // What is heard of an opening that has ended, or is not wanted any more, is not told.
  private phase: 'none' | 'opening' | 'open' = 'none';

  constructor(url: string, options: SocketOptions) {
    const settings: SocketOptions = {
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      withCredentials: true,
      timeout: 15_000,
      ...options,
      autoConnect: false,
      // When to try again is the machine's decision.
      reconnection: false,
    };
    // Without an address it is the page's own.
    this.manager = url ? new Manager(url, settings) : new Manager(settings);
    this.socket = this.manager.socket('/dashboard', {
      auth: (give: (auth: object) => void) => give(this.auth),
    });
  }

  listen(listener: TransportListener): void {
    const { socket, manager } = this;
    socket.on('connect', () => {
      if (this.phase !== 'opening') return;
      this.phase = 'open';
      manager.engine.on('upgrade', () => this.phase === 'open' && listener.carrier(this.carrier()));
      listener.opened(Boolean(socket.recovered), this.carrier());
    });
    socket.on('connect_error', (error) => {
      // A websocket that something swallows without a word is not tried first again.
      if (error.message === 'timeout') manager.opts.transports?.reverse();
      // The server's refusal ends the socket; anything else leaves it waiting for the manager.
      const how = socket.active ? 'failed' : 'refused';
      this.ended(() => listener[how](error.message));
    });
    socket.on('disconnect', (reason) => {
      // Also when the connection breaks before the namespace has answered.
      if (this.phase === 'opening') this.ended(() => listener.failed(reason));
      else this.ended(() => listener.lost(reason, reason === 'io server disconnect'));
    });
    socket.onAny((name: string, payload: unknown) => this.phase !== 'none' && listener.event(name, payload));
  }

  open(auth: { token?: string }): void {
    this.auth = auth;
    this.phase = 'opening';
    this.socket.connect();
  }

  close(): void {
    this.ended(() => {});
  }

  // Nothing of an attempt outlives its end.
  private ended(tell: () => void): void {
    if (this.phase === 'none') return;
    this.phase = 'none';
    this.socket.disconnect();
    tell();
  }

  send(event: string, payload?: object, answered?: (answer: unknown) => void): void {
    if (!this.socket.connected) return;
    const words: unknown[] = payload === undefined ? [] : [payload];
    if (answered) words.push(answered);
    this.socket.emit(event, ...words);
  }

  private carrier(): Carrier {
    return this.manager.engine.transport.name === 'websocket' ? 'websocket' : 'polling';
  }
}
