interface Kept {
  etag: string;
  response: Response;
}

/** How many answers are kept, and how large one may be. */
const maxEntries = 100;
const maxBytes = 512 * 1024;

/** Keeps answers that carry an ETag, and puts them in place of 304s. */
export class EtagCache {
  readonly #kept = new Map<string, Kept>();

  /** Adds If-None-Match to a request whose answer is kept. */
  ask(key: string, headers: Headers): void {
    const kept = this.#kept.get(key);
    if (kept && !headers.has('If-None-Match')) headers.set('If-None-Match', kept.etag);
  }

  /** Returns the answer, or the kept one if that is still the same. */
  take(key: string, response: Response): Response {
    const kept = this.#kept.get(key);
    if (response.status === 304 && kept) return kept.response.clone();

    const etag = response.headers.get('ETag');
    if (response.status !== 200 || !etag || Number(response.headers.get('Content-Length') ?? 0) > maxBytes) return response;
    this.#kept.delete(key);
    this.#kept.set(key, { etag, response: response.clone() });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxEntries) break;
      this.#kept.delete(oldest);
    }
    return response;
  }
}
