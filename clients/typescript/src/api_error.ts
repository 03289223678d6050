export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** A request that failed. Status 0, code `NETWORK`: there was no answer, or none that could be read. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly FieldProblem[] = [],
    /** Seconds to wait, where the server named them (429, 503). */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export const is_unauthorised = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

export const text_of = (error: unknown): string => (error instanceof Error ? error.message : String(error));
