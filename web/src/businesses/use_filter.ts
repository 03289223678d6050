// The filter as the URL has it, and how it is changed: a choice is a step to go back by, letters typed into the
// search are one step together.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { filter_of, with_filter, type Filter } from './filter';

const search_after_ms = 250;

interface FilterState {
  filter: Filter;
  /** What stands in the search field; the filter follows when typing pauses. */
  typed: string;
  type: (text: string) => void;
  choose: (change: Partial<Filter>) => void;
}

export function useFilter(): FilterState {
  const [params, set_params] = useSearchParams();
  const filter = useMemo(() => filter_of(params), [params]);
  const [typed, set_typed] = useState(filter.search);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(filter);
  latest.current = filter;

  // The back button, or a link: the field shows what the URL says.
  useEffect(() => {
    set_typed((text) => (text.trim() === filter.search ? text : filter.search));
  }, [filter.search]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const choose = useCallback(
    (change: Partial<Filter>) => {
      clearTimeout(timer.current);
      const before = latest.current;
      const replace = change.search !== undefined && before.search !== '' && change.search.trim() !== '';
      if (change.search !== undefined) set_typed(change.search);
      set_params((now) => with_filter(now, { ...filter_of(now), ...change }), { replace, preventScrollReset: true });
    },
    [set_params],
  );

  const type = useCallback(
    (text: string) => {
      set_typed(text);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        if (text.trim() !== latest.current.search) choose({ search: text });
      }, text === '' ? 0 : search_after_ms);
    },
    [choose],
  );

  return { filter, typed, type, choose };
}
