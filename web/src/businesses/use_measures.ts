import { useLayoutEffect, useState, type RefObject } from 'react';

export interface Measures {
  /** Of a row, by the style sheet. */
  height: number;
  /** Where the rows begin in the page. */
  margin: number;
  /** Where what sticks to the window's top ends. */
  top: number;
  /** There is room for the counts. */
  wide: boolean;
}

export function useMeasures(body: RefObject<HTMLElement | null>): Measures {
  const [measures, set_measures] = useState<Measures>({ height: 64, margin: 0, top: 0, wide: false });
  useLayoutEffect(() => {
    const measure = () => {
      const element = body.current;
      if (!element) return;
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      const height = Math.round(Number.parseFloat(getComputedStyle(element).getPropertyValue('--row')) * rem);
      const margin = Math.round(element.getBoundingClientRect().top + scrollY);
      const head = element.previousElementSibling;
      const top = head ? Number.parseFloat(getComputedStyle(head).top) + head.clientHeight || 0 : 0;
      const wide = matchMedia('(min-width: 901px)').matches;
      set_measures((now) =>
        now.height === height && now.margin === margin && now.top === top && now.wide === wide
          ? now
          : { height, margin, top, wide },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      removeEventListener('resize', measure);
    };
  }, [body]);
  return measures;
}
