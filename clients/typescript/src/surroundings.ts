// What a client needs from the world around it besides the network; tests bring their own.

export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; gives what prevents it. */
  after(ms: number, run: () => void): () => void;
}

export const system_clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Whether somebody looks, and whether the device believes to have a network. */
export interface Surroundings {
  hidden(): boolean;
  online(): boolean;
  /** Calls `changed` after either has changed; gives what ends it. */
  listen(changed: () => void): () => void;
}

// Outside of browsers there is neither a tab nor such a belief.
export const browser_surroundings: Surroundings = {
  hidden: () => typeof document !== 'undefined' && document.visibilityState === 'hidden',
  online: () => typeof navigator === 'undefined' || navigator.onLine !== false,
  listen(changed) {
    if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
    window.addEventListener('online', changed);
    window.addEventListener('offline', changed);
    document.addEventListener('visibilitychange', changed);
    return () => {
      window.removeEventListener('online', changed);
      window.removeEventListener('offline', changed);
      document.removeEventListener('visibilitychange', changed);
    };
  },
};
