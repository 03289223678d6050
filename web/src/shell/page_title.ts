import { useEffect } from 'react';

/** `Dashboard · Pulseboard`: what a tab, the history and a screen reader say of the page. */
export function usePageTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Pulseboard`;
  }, [title]);
}
