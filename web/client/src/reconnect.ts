/** What to do after a connection has ended: wait and come back, or stay away. */
export interface Plan {
  again: boolean;
  /** Milliseconds. */
  after: number;
}

/** The longest wait between two tries, in milliseconds. */
const longest = 10_000;

/**
 * What docs/chat-protocol.md asks of a client for each close code. `failures` counts tries in a row that did not get
 * in; every wait has a part by chance, so that those who were cut off together don't come back together.
 */
export function planFor(code: number, reason: string, failures: number, random: () => number = Math.random): Plan {
  switch (code) {
    case 1001: {
      const told = /reconnect_after_ms=(\d+)/.exec(reason);
      return { again: true, after: told ? Number(told[1]) : backoff(failures, random) };
    }
    case 4001:
      return { again: true, after: failures === 0 ? 0 : backoff(failures, random) };
    case 4003:
      return { again: false, after: 0 };
    case 4029:
      return { again: true, after: longest * (1 + random()) };
    default:
      return { again: true, after: backoff(failures, random) };
  }
}

/** One to two seconds at first, about twice as long each time, up to some ten seconds. */
export function backoff(failures: number, random: () => number = Math.random): number {
  return Math.min(longest, 1000 * 2 ** failures) * (1 + random()) * (failures > 3 ? 0.75 : 1);
}
