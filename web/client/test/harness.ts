/** What the browser's tests collect: the name of each test and what was wrong, or nothing. */
interface Result {
  name: string;
  failure: string | null;
}

const tests: [string, () => Promise<void> | void][] = [];

export function test(name: string, body: () => Promise<void> | void): void {
  tests.push([name, body]);
}

export function equal(actual: unknown, expected: unknown, reason = ''): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${reason} is ${left}, not ${right}`);
}

/** Runs all tests, one after the other. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  for (const [name, body] of tests) {
    try {
      await body();
      results.push({ name, failure: null });
    } catch (error) {
      results.push({ name, failure: String(error) });
    }
  }
  return results;
}
