let last: Promise<unknown> = Promise.resolve();

/**
 * Runs work while no other tab of this origin runs work under the same name. Where the Web Locks API is missing (pages
 * without TLS, programs outside of a browser) it keeps apart what runs in this page only.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  if (locks) return locks.request(name, work);

  const turn = last.then(work, work);
  last = turn.catch(() => undefined);
  return turn;
}
