import type { dashboard as english } from '../en/dashboard';
import type { Translation } from '../messages';

export const dashboard: Translation<typeof english> = {
  'dashboard.title': 'Dashboard',
};
