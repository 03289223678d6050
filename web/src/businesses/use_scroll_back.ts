// Going back to a list shows the part of it that was left.
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation, useNavigationType } from 'react-router-dom';

const left_at = new Map<string, number>();

/** `ready`: the rows are there to scroll to. */
export function useScrollBack(ready: boolean) {
  const { key } = useLocation();
  const type = useNavigationType();
  const first = useRef(key);
  const done = useRef(false);

  useEffect(() => {
    const remember = () => left_at.set(key, scrollY);
    addEventListener('scroll', remember, { passive: true });
    return () => removeEventListener('scroll', remember);
  }, [key]);

  useLayoutEffect(() => {
    // Only when the page was opened by going back; a filter that changes on it leaves it where it is.
    if (!ready || done.current || key !== first.current) return;
    done.current = true;
    const at = left_at.get(key);
    if (type !== 'POP' || at === undefined) return;
    scrollTo({ top: at, behavior: 'instant' });
    // Once more when the rows have their height, which a phone's style sheet makes greater.
    requestAnimationFrame(() => scrollTo({ top: at, behavior: 'instant' }));
  }, [ready, key, type]);
}
