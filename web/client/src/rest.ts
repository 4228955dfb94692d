import createClient, { type Client } from 'openapi-fetch';
import { NetworkError, retryAfterSeconds } from './errors.js';
import { EtagCache } from './etag.js';
import type { paths } from './schema.js';
import type { Session } from './session.js';

/** Typed requests: `rest.GET('/api/courses', {params: {query: {level: 'beginner'}}})`; see openapi-fetch. */
export type Rest = Client<paths>;

export interface RestOptions {
  /** Of the API, such as https://school.example; empty for the page's own host. */
  baseUrl?: string;
  session?: Session;
  /** Of sentences in refusals and of notifications; `en` by default. */
  language?: () => string;
  fetch?: typeof fetch;
  /** How long a request may take, in milliseconds; 15 seconds by default. */
  timeout?: number;
  /** How often a request that is safe to send again is sent in all; 3 by default. */
  attempts?: number;
  /** The longest Retry-After, in seconds, that is waited for; a longer one goes to the caller. 5 by default. */
  patience?: number;
  /** Waits for milliseconds; for tests. */
  sleep?: (milliseconds: number) => Promise<void>;
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * A client of the REST API. It sends the session's token and renews it when it is refused; waits as Retry-After says
 * and sends again what is safe to send again (reads, and changes with an Idempotency-Key); and asks with the ETag of
 * an answer that it has. A request without an answer throws a NetworkError.
 */
export function createRest(options: RestOptions = {}): Rest {
  const sender = new Sender(options);
  return createClient<paths>({ baseUrl: options.baseUrl ?? '', fetch: (request) => sender.send(request) });
}

class Sender {
  readonly #options: RestOptions;
  readonly #etags = new EtagCache();

  constructor(options: RestOptions) {
    this.#options = options;
  }

  async send(request: Request): Promise<Response> {
    const { attempts = 3, patience = 5, sleep = pause } = this.#options;
    const body = request.body ? await request.arrayBuffer() : undefined;
    const repeatable = request.method === 'GET' || request.method === 'HEAD' || request.headers.has('Idempotency-Key');

    for (let attempt = 1; ; attempt++) {
      const mayRepeat = repeatable && attempt < attempts;
      try {
        const response = await this.#authorised(request, body);
        if (!mayRepeat || (response.status !== 429 && response.status !== 503)) return response;

        const seconds = retryAfterSeconds(response) ?? attempt;
        if (seconds > patience) return response;
        await sleep(seconds * 1000 + Math.random() * 250);
      } catch (error) {
        if (request.signal.aborted) throw error;
        if (!mayRepeat || !(error instanceof NetworkError)) throw error;
        await sleep(attempt * 500 + Math.random() * 250);
      }
    }
  }

  /** Sends with the session's token, and once more with a new one if that is refused. */
  async #authorised(request: Request, body: ArrayBuffer | undefined): Promise<Response> {
    const { session } = this.#options;
    const token = (await session?.token()) ?? null;
    const response = await this.#once(request, body, token);
    if (response.status !== 401 || !token || !session) return response;

    const { code } = (await response.clone().json().catch(() => ({}))) as { code?: string };
    if (code !== 'AUTH_TOKEN_EXPIRED' && code !== 'AUTH_INVALID_TOKEN') return response;
    const renewed = await session.renew(token);
    return renewed ? this.#once(request, body, renewed) : response;
  }

  async #once(request: Request, body: ArrayBuffer | undefined, token: string | null): Promise<Response> {
    const { language = () => 'en', timeout = 15_000, fetch: send = fetch } = this.#options;
    const headers = new Headers(request.headers);
    headers.set('Accept-Language', language());
    if (token) headers.set('Authorization', `Bearer ${token}`);

    const key = request.method === 'GET' ? `${token ?? ''} ${language()} ${request.url}` : undefined;
    if (key) this.#etags.ask(key, headers);

    try {
      const response = await send(request.url, {
        method: request.method,
        headers,
        body: body ?? null,
        credentials: request.credentials,
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout)]),
      });
      return key ? this.#etags.take(key, response) : response;
    } catch (error) {
      if (request.signal.aborted) throw error;
      throw new NetworkError(error);
    }
  }
}
