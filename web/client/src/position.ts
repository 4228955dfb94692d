/** What a client knows of one conversation's messages: all up to `last`, and some beyond a gap. */
export class Position {
  #last: number;
  readonly #beyond = new Set<number>();

  constructor(last: number) {
    this.#last = last;
  }

  /** The number up to which every message is known; what `resume` tells the server. */
  get last(): number {
    return this.#last;
  }

  /** Whether messages are missing before one that is known. */
  get gap(): boolean {
    return this.#beyond.size > 0;
  }

  /** Takes a number in; false if it was known. */
  add(seq: number): boolean {
    if (seq <= this.#last || this.#beyond.has(seq)) return false;

    this.#beyond.add(seq);
    while (this.#beyond.delete(this.#last + 1)) this.#last++;
    return true;
  }
}
