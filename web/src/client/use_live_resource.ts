// What a REST request gives, fetched anew while things happen: soon after the first change, then at most every ten
// seconds, and not while nobody looks.
import { useConnection } from '@pulseboard/client/react';
import { useEffect, useRef } from 'react';
import { useResource, type Resource } from './use_resource';

const soon_ms = 400;
const gap_ms = 10_000;

/** `listen` calls `changed` when what was loaded may be old, and gives what ends it. It must be a stable function. */
export function useLiveResource<T>(
  key: string | null,
  load: () => Promise<T>,
  listen: (changed: () => void) => () => void,
): Resource<T> {
  const { paused, state } = useConnection();
  const resource = useResource(key, load);
  const { reload } = resource;
  const last = useRef(0);

  useEffect(() => {
    if (paused) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let due = false;
    const run = () => {
      timer = null;
      if (document.hidden) return;
      due = false;
      last.current = Date.now();
      reload();
    };
    const changed = () => {
      due = true;
      timer ??= setTimeout(run, Math.max(soon_ms, last.current + gap_ms - Date.now()));
    };
    const seen = () => {
      if (!document.hidden && due && timer === null) run();
    };
    const deaf = listen(changed);
    document.addEventListener('visibilitychange', seen);
    return () => {
      deaf();
      document.removeEventListener('visibilitychange', seen);
      if (timer !== null) clearTimeout(timer);
    };
  }, [listen, reload, paused]);

  // Back after a while without events: what happened meanwhile is not in what is shown.
  const was = useRef(state);
  useEffect(() => {
    const returned = state === 'live' && was.current !== 'live' && was.current !== 'connecting';
    was.current = state;
    if (returned) reload();
  }, [state, reload]);

  return resource;
}
