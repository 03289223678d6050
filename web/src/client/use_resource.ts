// What a REST request gives, kept while it is fetched anew, and when that fails: old figures with a word about it
// are better than none.
import { useCallback, useEffect, useRef, useState } from 'react';
import { failure_of, type Failure } from './failure';

export interface Resource<T> {
  data: T | null;
  /** Of the last attempt; `data` may still be there from before. */
  failure: Failure | null;
  loading: boolean;
  reload: () => void;
}

interface State<T> {
  key: string | null;
  data: T | null;
  failure: Failure | null;
  loading: boolean;
}

/** `load` may change with every render; what is loaded is named by `key`. Nothing is, while that is null. */
export function useResource<T>(key: string | null, load: () => Promise<T>): Resource<T> {
  const [state, set_state] = useState<State<T>>({ key, data: null, failure: null, loading: true });
  const latest = useRef({ turn: 0, load });
  latest.current.load = load;

  const reload = useCallback(() => {
    if (key === null) return;
    const turn = ++latest.current.turn;
    const is_latest = () => turn === latest.current.turn;
    set_state((now) => (now.key === key ? { ...now, loading: true } : { key, data: null, failure: null, loading: true }));
    latest.current.load().then(
      (data) => is_latest() && set_state({ key, data, failure: null, loading: false }),
      (error: unknown) =>
        is_latest() && set_state((now) => ({ ...now, key, failure: failure_of(error), loading: false })),
    );
  }, [key]);

  useEffect(() => {
    const kept = latest.current;
    reload();
    return () => void ++kept.turn;
  }, [reload]);

  // Between a new key and its effect, nothing of the old key may be shown under the new one's name.
  const current = state.key === key ? state : { data: null, failure: null, loading: true };
  return { data: current.data, failure: current.failure, loading: current.loading, reload };
}
