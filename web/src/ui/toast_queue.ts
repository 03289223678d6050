// One queue for the whole page. What failed stays longer than what went well.
import { UNSTABLE_ToastQueue as ToastQueue } from 'react-aria-components';

export interface ToastContent {
  kind: 'good' | 'bad' | 'info';
  text: string;
}

export const toast_queue = new ToastQueue<ToastContent>({ maxVisibleToasts: 3 });

const show = (kind: ToastContent['kind'], timeout: number) => (text: string) =>
  void toast_queue.add({ kind, text }, { timeout });

export const toast = { good: show('good', 5000), info: show('info', 5000), bad: show('bad', 10_000) };
