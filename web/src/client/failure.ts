// What a failed request means to the page: the one place that reads statuses.
import { ApiError } from '@pulseboard/client';

export type Failure =
  | { kind: 'unauthorised' | 'forbidden' | 'not_found' | 'unavailable' | 'unreachable' | 'unexpected' }
  | { kind: 'limited'; seconds: number }
  | { kind: 'invalid'; fields: ReadonlyMap<string, string> };

export function failure_of(error: unknown): Failure {
  if (!(error instanceof ApiError)) return { kind: 'unreachable' };
  switch (error.status) {
    case 0:
      return { kind: 'unreachable' };
    case 400:
      return { kind: 'invalid', fields: new Map((error.details ?? []).map((each) => [each.field, each.message])) };
    case 401:
      return { kind: 'unauthorised' };
    case 403:
      return { kind: 'forbidden' };
    case 404:
      return { kind: 'not_found' };
    case 429:
      return { kind: 'limited', seconds: Math.max(1, Math.ceil(error.retryAfter ?? 60)) };
    case 502:
    case 503:
    case 504:
      return { kind: 'unavailable' };
    default:
      return { kind: 'unexpected' };
  }
}
