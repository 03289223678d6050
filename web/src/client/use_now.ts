import { useEffect, useState } from 'react';

/** The time, once a second. For what says "12 seconds ago"; keep it in a small component. */
export function useNow(): number {
  const [now, set_now] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => set_now(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
