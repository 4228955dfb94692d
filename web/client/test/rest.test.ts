import { ApiError, createRest, NetworkError, Session, unwrap } from '../src/index.js';
import { equal, test } from './harness.js';

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A server that gives these answers in turn, and keeps what it was asked. */
function server(...answers: (Answer | 'gone')[]) {
  const asked: { method: string; url: string; headers: Headers; body: string }[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(new URL(input instanceof Request ? input.url : input, 'http://school.test'), init);
    asked.push({ method: request.method, url: request.url, headers: request.headers, body: await request.text() });
    const answer = answers.shift() ?? 'gone';
    if (answer === 'gone') throw new TypeError('failed to fetch');
    return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
      status: answer.status,
      headers: { 'Content-Type': 'application/json', ...answer.headers },
    });
  };
  return { asked, fetch };
}

const user = { id: '1', full_name: 'Siti' };
const session = (token: string) => ({ access_token: token, refresh_token: 'r', token_type: 'Bearer', expires_in: 900, user });
const refused = (code: string): Answer => ({ status: 401, body: { error: 'no', code, details: {} } });

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

test('a read waits as Retry-After says and is sent again', async () => {
  const waits: number[] = [];
  const { asked, fetch } = server({ status: 503, headers: { 'Retry-After': '2' } }, { status: 200, body: { items: [], next_cursor: null } });
  const rest = createRest({ baseUrl: 'http://school.test', fetch, sleep: (ms) => (waits.push(ms), Promise.resolve()) });

  await unwrap(rest.GET('/api/courses'));

  equal(asked.length, 2, 'requests');
  equal(waits.length === 1 && waits[0] !== undefined && waits[0] >= 2000 && waits[0] < 2300, true, 'the wait');
});

test('a Retry-After longer than the patience goes to the caller', async () => {
  const { asked, fetch } = server({ status: 429, headers: { 'Retry-After': '60' }, body: { error: 'Slow down.', code: 'RATE_LIMITED', details: {} } });
  const rest = createRest({ baseUrl: 'http://school.test', fetch });

  const failure = await unwrap(rest.GET('/api/courses')).catch((error: unknown) => error as ApiError);

  equal(asked.length, 1, 'requests');
  equal(failure instanceof ApiError && [failure.code, failure.retryAfter], ['RATE_LIMITED', 60], 'the refusal');
});

test('a change is sent again only with an Idempotency-Key, and then with the same', async () => {
  const body = { course_id: 'c', first_choice_slot_id: '1', second_choice_slot_id: '2' };
  const plain = server('gone');
  const failure = await unwrap(
    createRest({ baseUrl: 'http://school.test', fetch: plain.fetch, sleep: () => Promise.resolve() }).POST('/api/bookings/{id}/cancel', { params: { path: { id: 'b' } } }),
  ).catch((error: unknown) => error);
  equal([plain.asked.length, failure instanceof NetworkError], [1, true], 'without a key');

  const keyed = server('gone', { status: 201, body: {} });
  const rest = createRest({ baseUrl: 'http://school.test', fetch: keyed.fetch, sleep: () => Promise.resolve() });
  await unwrap(rest.POST('/api/bookings/create', { params: { header: { 'Idempotency-Key': 'k' } }, body }));
  equal(
    keyed.asked.map(({ headers, body: sent }) => [headers.get('Idempotency-Key'), JSON.parse(sent) as unknown]),
    [
      ['k', body],
      ['k', body],
    ],
    'with a key',
  );
});

test('an answer that has not changed comes out of memory', async () => {
  const { asked, fetch } = server({ status: 200, headers: { ETag: '"a"' }, body: { items: [{ id: '1' }], next_cursor: null } }, { status: 304 });
  const rest = createRest({ baseUrl: 'http://school.test', fetch });

  const first = await unwrap(rest.GET('/api/courses'));
  const second = await unwrap(rest.GET('/api/courses'));

  equal(asked[1]?.headers.get('If-None-Match'), '"a"', 'the question');
  equal(second, first, 'the answer');
});

test('an expired token is renewed once for all requests, which are sent again', async () => {
  const { asked, fetch } = server({ status: 200, body: session('one') }, refused('AUTH_TOKEN_EXPIRED'), { status: 200, body: session('two') }, { status: 200, body: user });
  const own = new Session({ baseUrl: 'http://school.test', transport: 'body', storage: memory(), fetch });
  const rest = createRest({ baseUrl: 'http://school.test', session: own, fetch });
  await own.login('siti@example.com', 'x');

  await unwrap(rest.GET('/api/users/me'));

  equal(
    asked.map(({ method, url, headers }) => [method, new URL(url).pathname, headers.get('Authorization')]),
    [
      ['POST', '/api/auth/login', null],
      ['GET', '/api/users/me', 'Bearer one'],
      ['POST', '/api/auth/refresh', null],
      ['GET', '/api/users/me', 'Bearer two'],
    ],
    'what was asked',
  );
});

test('two that need a new token at the same time ask for one', async () => {
  const { asked, fetch } = server({ status: 200, body: session('one') }, { status: 200, body: session('two') });
  const own = new Session({ baseUrl: 'http://school.test', transport: 'body', storage: memory(), fetch });
  await own.login('siti@example.com', 'x');

  const tokens = await Promise.all([own.renew('one'), own.renew('one')]);

  equal([tokens, asked.length], [['two', 'two'], 2], 'tokens and requests');
});

test('a session that has ended is forgotten; one that could not be asked about is not', async () => {
  const { fetch } = server({ status: 200, body: session('one') }, { status: 503 }, refused('AUTH_TOKEN_REUSED'));
  const own = new Session({ baseUrl: 'http://school.test', transport: 'body', storage: memory(), fetch });
  await own.login('siti@example.com', 'x');

  await own.renew('one').catch(() => undefined);
  equal(own.user?.id, '1', 'while the service is away');
  await own.renew('one');
  equal(own.user, null, 'after the end');
});
