/** One bad field of a request. */
export interface FieldError {
  field: string;
  message: string;
}

interface ErrorBody {
  error?: string;
  code?: string;
  details?: Record<string, unknown>;
}

/** A refusal of the API. `message` is a sentence for a person, `code` is stable. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;
  /** Seconds after which another try makes sense; undefined if the API did not say. */
  readonly retryAfter: number | undefined;
  /** What the school's admins find the request by in their logs. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const { error, code, details } = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody;
    super(error ?? `HTTP ${response.status}`);
    this.name = 'ApiError';
    this.status = response.status;
    this.code = code ?? (response.status >= 500 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL');
    this.details = details ?? {};
    this.retryAfter = retryAfterSeconds(response);
    this.requestId = response.headers.get('X-Request-Id') ?? undefined;
  }

  /** The bad fields of `VALIDATION_FAILED`, otherwise none. */
  get fields(): FieldError[] {
    return Array.isArray(this.details.fields) ? (this.details.fields as FieldError[]) : [];
  }
}

/** No answer came: offline, or the server is not there. */
export class NetworkError extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
    this.name = 'NetworkError';
  }
}

/** Whether an error is the API's refusal with one of the codes; without codes, any refusal. */
export function isApiError(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}

/** The sentences of an error by field. */
export function fieldErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  if (error instanceof ApiError) {
    for (const { field, message } of error.fields) found[field] ??= message;
  }
  return found;
}

/** Seconds in a Retry-After header, which may also be a date. */
export function retryAfterSeconds(response: Response): number | undefined {
  const value = response.headers.get('Retry-After');
  if (!value) return undefined;

  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}

/** The data of an answer of openapi-fetch, or the refusal as a thrown ApiError. */
export async function unwrap<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new ApiError(response, error);
  return data as T;
}
