import { ApiError, NetworkError } from './errors.js';
import { exclusively } from './locks.js';
import type { components } from './schema.js';

/** The signed-in person, as the API shows them to themselves. */
export type Person = components['schemas']['User'];

/**
 * Where the refresh token is: `cookie` keeps it from scripts and is for pages on the API's own host; `body` is for
 * pages on other hosts and for programs, which keep it in their storage.
 */
export type Transport = 'cookie' | 'body';

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface SessionOptions {
  /** Of the API, such as https://school.example; empty for the page's own host. */
  baseUrl?: string;
  transport?: Transport;
  /** Keeps who is signed in over page loads, and with transport `body` the refresh token; localStorage by default. */
  storage?: Storage;
  fetch?: typeof fetch;
  /** Of the sentences in refusals. */
  language?: () => string;
}

interface Stored {
  user: Person;
  refresh_token: string | null;
}

interface Answer extends Stored {
  access_token: string;
  expires_in: number;
}

const storageKey = 'shema.session';
const lockName = 'shema.refresh';
/** A token with less than this left is renewed before it is used. */
const marginMs = 30_000;

/**
 * One person's session in this browser, shared by all its tabs: one of them renews the token, and when one signs out,
 * all do.
 */
export class Session {
  readonly #options: Required<Omit<SessionOptions, 'storage'>> & { storage: Storage };
  readonly #listeners = new Set<() => void>();
  readonly #channel: BroadcastChannel | undefined;
  #stored: Stored | null;
  #accessToken: string | null = null;
  #expiresAt = 0;

  constructor(options: SessionOptions = {}) {
    this.#options = {
      baseUrl: options.baseUrl ?? '',
      transport: options.transport ?? 'cookie',
      storage: options.storage ?? localStorage,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      language: options.language ?? (() => 'en'),
    };
    this.#stored = this.#read();
    if (typeof BroadcastChannel !== 'undefined') {
      this.#channel = new BroadcastChannel(storageKey);
      this.#channel.onmessage = (event: MessageEvent<Answer | null>) => this.#take(event.data);
    }
  }

  /** Who is signed in, as far as this browser knows; null for a visitor. */
  get user(): Person | null {
    return this.#stored?.user ?? null;
  }

  /** Calls back whenever a person has signed in or out, in this tab or another, or has changed. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Puts a changed profile in place of the former. */
  update(user: Person): void {
    if (!this.#stored) return;
    this.#stored = { ...this.#stored, user };
    this.#write();
    this.#tell();
  }

  /** Signs in. Throws an ApiError, `AUTH_INVALID_CREDENTIALS` or `AUTH_LOCKED` for example. */
  async login(email: string, password: string): Promise<Person> {
    return this.#begin('/api/auth/login', { email, password });
  }

  /** Makes an account and signs in. Throws an ApiError, `VALIDATION_FAILED` or `AUTH_EMAIL_TAKEN` for example. */
  async register(profile: components['schemas']['Registration']): Promise<Person> {
    return this.#begin('/api/auth/register', profile);
  }

  /** Signs out everywhere in this browser, also when the API can't be told. */
  async logout(): Promise<void> {
    const token = await this.token().catch(() => null);
    const body = this.#stored?.refresh_token ? { refresh_token: this.#stored.refresh_token } : {};

    this.end();
    if (token) await this.#post('/api/auth/logout', body, token).catch(() => undefined);
  }

  /** Forgets the session, in all tabs, without telling the API: it has ended there. */
  end(): void {
    this.#take(null);
    this.#channel?.postMessage(null);
  }

  /** A token that is good for a request, or null for a visitor. Throws a NetworkError or ApiError if it can't be had now. */
  async token(): Promise<string | null> {
    if (!this.#stored) return null;
    if (this.#fresh()) return this.#accessToken;
    return this.renew(this.#accessToken);
  }

  /**
   * Gets another token than the given one, which the API has refused or which is about to expire. Tabs wait for each
   * other, so that a session is renewed once. Returns null if the session has ended.
   */
  async renew(stale: string | null): Promise<string | null> {
    return exclusively(lockName, async () => {
      if (this.#fresh() && this.#accessToken !== stale) return this.#accessToken;
      if (this.#options.transport === 'body') this.#stored = this.#read();
      if (!this.#stored) return null;

      try {
        const { refresh_token } = this.#stored;
        this.#adopt((await this.#post('/api/auth/refresh', this.#withTransport({ ...(refresh_token && { refresh_token }) }))) as Answer);
      } catch (error) {
        if (!(error instanceof ApiError) || ![400, 401, 403].includes(error.status)) throw error;
        this.end();
      }
      return this.#accessToken;
    });
  }

  async #begin(path: string, body: object): Promise<Person> {
    const answer = (await this.#post(path, this.#withTransport(body))) as Answer;
    this.#adopt(answer);
    return answer.user;
  }

  #withTransport(body: object): object {
    return this.#options.transport === 'cookie' ? { ...body, transport: 'cookie' } : body;
  }

  async #post(path: string, body: object, token?: string): Promise<unknown> {
    const { baseUrl, fetch: send, language, transport } = this.#options;
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Accept-Language': language() };
    if (token) headers.Authorization = `Bearer ${token}`;

    let response: Response;
    try {
      response = await send(baseUrl + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        credentials: transport === 'cookie' ? 'same-origin' : 'omit',
        signal: AbortSignal.timeout(15_000),
      });
    } catch (error) {
      throw new NetworkError(error);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new ApiError(response, answer);
    return answer;
  }

  #fresh(): boolean {
    return this.#accessToken !== null && Date.now() < this.#expiresAt - marginMs;
  }

  /** Takes an answer of the API in, and gives it to the other tabs. */
  #adopt(answer: Answer): void {
    this.#take(answer);
    this.#channel?.postMessage(answer);
  }

  #take(answer: Answer | null): void {
    this.#stored = answer && { user: answer.user, refresh_token: answer.refresh_token };
    this.#accessToken = answer?.access_token ?? null;
    this.#expiresAt = answer ? Date.now() + answer.expires_in * 1000 : 0;
    this.#write();
    this.#tell();
  }

  #read(): Stored | null {
    try {
      return JSON.parse(this.#options.storage.getItem(storageKey) ?? 'null') as Stored | null;
    } catch {
      return null;
    }
  }

  #write(): void {
    if (this.#stored) this.#options.storage.setItem(storageKey, JSON.stringify(this.#stored));
    else this.#options.storage.removeItem(storageKey);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
