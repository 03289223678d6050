export const businesses = {
  'businesses.title': 'Businesses',
} as const;
