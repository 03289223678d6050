import type { businesses as english } from '../en/businesses';
import type { Translation } from '../messages';

export const businesses: Translation<typeof english> = {
  'businesses.title': 'Unternehmen',
};
