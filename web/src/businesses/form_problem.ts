// What a refused change says, at its field where it has one.
import { ApiError } from '@pulseboard/client';
import { failure_of } from '../client/failure';
import type { Translate } from '../i18n/translate';

export interface Problem {
  /** By field. */
  fields: Record<string, string>;
  /** What belongs to no field. */
  text: string | null;
}

export const no_problem: Problem = { fields: {}, text: null };

const texts = {
  name: 'form.name_wrong',
  category: 'form.category_wrong',
  logo_url: 'form.logo_url_wrong',
  status: 'form.status_wrong',
} as const;

export function problem_of(error: unknown, t: Translate): Problem {
  const alone = (text: string): Problem => ({ fields: {}, text });
  const failure = failure_of(error);
  switch (failure.kind) {
    case 'invalid': {
      const fields: Record<string, string> = {};
      const others: string[] = [];
      for (const [field, message] of failure.fields) {
        if (field in texts) fields[field] = t(texts[field as keyof typeof texts]);
        else others.push(`${field}: ${message}`);
      }
      if (Object.keys(fields).length === 0 && others.length === 0) others.push((error as Error).message);
      return { fields, text: others.length > 0 ? t('form.invalid', { reason: others.join('; ') }) : null };
    }
    case 'not_found':
      return alone(t('business.gone'));
    case 'limited':
      return alone(t('form.limited', { count: failure.seconds }));
    case 'unreachable':
    case 'unavailable':
      return alone(t('form.unreachable'));
    default:
      if (error instanceof ApiError && error.status === 409) return alone(t('form.email_taken'));
      return alone(t('form.failed'));
  }
}
