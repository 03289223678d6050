import { useLayoutEffect, useRef, type RefObject } from 'react';
import type { Business } from '@pulseboard/client';
import { moved_to } from './anchor';

/** Rows that come and go above the first one in view do not move what is in view. */
export function useAnchor(list: RefObject<HTMLElement | null>, rows: readonly Business[], height: number, top: number) {
  const before = useRef(rows);
  useLayoutEffect(() => {
    const old = before.current;
    before.current = rows;
    const element = list.current;
    if (!element || old === rows || old.length === 0) return;
    // Above the window's top, below what sticks there.
    const hidden = top - element.getBoundingClientRect().top;
    if (hidden <= 0) return;
    const index = Math.min(Math.floor(hidden / height), old.length - 1);
    const by = (moved_to(old, index, rows) - index) * height;
    if (by !== 0) scrollBy({ top: by, behavior: 'instant' });
  }, [list, rows, height, top]);
}
