// A number that counts to its new value within half a second. Digits have one width, so nothing around it moves;
// a screen reader reads the final value only.
import { useEffect, useRef, useState } from 'react';

const duration_ms = 500;
const eased = (part: number) => 1 - (1 - part) ** 3;

function useCounted(value: number): number {
  const [shown, set_shown] = useState(value);
  const from = useRef(value);
  useEffect(() => {
    if (from.current === value) return;
    if (document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      from.current = value;
      set_shown(value);
      return;
    }
    const start = performance.now();
    const begin = from.current;
    let frame = requestAnimationFrame(function step(now) {
      const part = Math.min(1, Math.max(0, (now - start) / duration_ms));
      from.current = part === 1 ? value : begin + (value - begin) * eased(part);
      set_shown(from.current);
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [value]);
  return shown;
}

interface AnimatedNumberProps {
  value: number;
  format: (value: number) => string;
  decimals?: number;
}

export function AnimatedNumber({ value, format, decimals = 0 }: AnimatedNumberProps) {
  const counted = useCounted(value);
  const scale = 10 ** decimals;
  return (
    <span className="numbers" data-value={value}>
      <span aria-hidden="true">{format(Math.round(counted * scale) / scale)}</span>
      <span className="visually-hidden">{format(value)}</span>
    </span>
  );
}
