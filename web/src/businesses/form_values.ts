// What the form holds, and what of it is sent.
import type { Business, BusinessStatus, NewBusiness } from '@pulseboard/client';

export interface FormValues {
  name: string;
  category: string;
  logo_url: string;
  status: BusinessStatus;
  stealth_mode_enabled: boolean;
}

export type Patch = Partial<NewBusiness & { stealth_mode_enabled: boolean }>;

export const new_values: FormValues = {
  name: '',
  category: '',
  logo_url: '',
  status: 'pending_verification',
  stealth_mode_enabled: false,
};

export const values_of = (business: Business): FormValues => ({
  name: business.name,
  category: business.category,
  logo_url: business.logo_url ?? '',
  status: business.status,
  stealth_mode_enabled: business.stealth_mode_enabled,
});

export function new_business(values: FormValues): NewBusiness {
  const logo_url = values.logo_url.trim();
  return {
    name: values.name.trim(),
    category: values.category.trim(),
    status: values.status,
    ...(logo_url ? { logo_url } : {}),
  };
}

/** Only what was changed here: what somebody else changed meanwhile stays. */
export function patch_of(before: Business, values: FormValues): Patch {
  const patch: Patch = {};
  const logo_url = values.logo_url.trim() || null;
  if (values.name.trim() !== before.name) patch.name = values.name.trim();
  if (values.category.trim() !== before.category) patch.category = values.category.trim();
  if (logo_url !== before.logo_url) patch.logo_url = logo_url;
  if (values.status !== before.status) patch.status = values.status;
  if (values.stealth_mode_enabled !== before.stealth_mode_enabled)
    patch.stealth_mode_enabled = values.stealth_mode_enabled;
  return patch;
}
