// The client against a running platform, in a browser at its address. `make test-website` runs it.
import { type ApiError, ChatClient, createRest, fieldErrors, idempotencyKey, isApiError, type Rest, Session, unwrap } from '../src/index.js';
import { equal, run, test } from './harness.js';

/** What the test's starter leaves: an admin of the platform. */
declare const platform: { email: string; password: string };

const password = 'melati-senja-27';
const patience = 10_000;

/** Keeps what a client asks, with the status of each answer. */
function recorder() {
  const asked: string[] = [];
  const record: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : input, location.origin);
    asked.push(`${init?.method ?? 'GET'} ${pathname} ${response.status}`);
    return response;
  };
  return { asked, fetch: record };
}

/** The only session of this page, in which all sessions would be one person's. */
const own = recorder();
const session = new Session({ fetch: own.fetch });
const rest = createRest({ session, fetch: own.fetch });

/** Another person's requests, whose token is at hand. */
async function restOf(email: string, secret: string): Promise<Rest> {
  const response = await fetch('/api/auth/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: secret }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return createRest({
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      headers.set('Authorization', `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    },
  });
}

/** A chat connection that a test can cut. */
function chatOf(by: Rest, admin = false) {
  const sockets: WebSocket[] = [];
  const client = new ChatClient({
    admin,
    random: () => 0,
    ticket: async () => (await unwrap(by.POST('/api/chat/ticket'))).ticket,
    connect: (url) => {
      const socket = new WebSocket(url);
      sockets.push(socket);
      return socket;
    },
  });
  const heard: string[] = [];
  const sent: number[] = [];
  const sessions: string[] = [];
  client.on('message', ({ message }) => heard.push(message));
  client.on('sent', ({ seq }) => sent.push(seq));
  client.on('session', ({ session_id: id }) => sessions.push(id));
  client.start();
  return { client, heard, sent, sessions, cut: () => sockets.at(-1)?.close() };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + patience; !holds(); ) {
    if (Date.now() > end) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const refusal = (answer: Promise<unknown>): Promise<ApiError> =>
  answer.then(
    () => {
      throw new Error('was not refused');
    },
    (error: unknown) => {
      if (!isApiError(error)) throw error;
      return error;
    },
  );

test('every bad field of a form is named', async () => {
  const refused = await refusal(session.register({ email: 'nobody', password: 'short', full_name: '' }));

  equal([refused.status, Object.keys(fieldErrors(refused)).sort()], [400, ['email', 'full_name', 'password']], 'the refusal');
  equal(session.user, null, 'who is signed in');
});

test('a session begins, keeps its refresh token from scripts, and is renewed once for all', async () => {
  const person = await session.register({ email: `klien-${Date.now()}@example.com`, password, full_name: 'Siti Rahma' });
  const stale = await session.token();
  own.asked.length = 0;

  const [first, second] = await Promise.all([session.renew(stale), session.renew(stale)]);

  equal([document.cookie.includes('shema_refresh'), localStorage.getItem('shema.session')?.includes('"refresh_token":null')], [false, true], 'the refresh token');
  equal([first === second, first !== stale, own.asked], [true, true, ['POST /api/auth/refresh 200']], 'the renewal');
  equal((await unwrap(rest.GET('/api/users/me'))).id, person.id, 'whose session it is');
});

test('a list that has not changed is not sent again', async () => {
  own.asked.length = 0;
  const first = await unwrap(rest.GET('/api/courses', { params: { query: { limit: 3 } } }));
  const second = await unwrap(rest.GET('/api/courses', { params: { query: { limit: 3 } } }));

  equal(own.asked, ['GET /api/courses 200', 'GET /api/courses 304'], 'the answers');
  equal([second, first.items.length > 0], [first, true], 'the list');
});

test('a booking that is asked for twice with one key is one', async () => {
  const { items } = await unwrap(rest.GET('/api/schedules/available', { params: { query: { limit: 100 } } }));
  const first = items[0];
  const second = items.find((slot) => slot.course_id === first?.course_id && slot.id !== first.id);
  if (!first || !second) throw new Error('no course has two free slots');
  const wanted = {
    params: { header: { 'Idempotency-Key': idempotencyKey() } },
    body: { course_id: first.course_id, first_choice_slot_id: first.id, second_choice_slot_id: second.id },
  };

  const [one, same] = await Promise.all([unwrap(rest.POST('/api/bookings/create', wanted)), unwrap(rest.POST('/api/bookings/create', wanted))]);
  const again = await refusal(unwrap(rest.POST('/api/bookings/create', { ...wanted, params: { header: { 'Idempotency-Key': idempotencyKey() } } })));
  const cancelled = await unwrap(rest.POST('/api/bookings/{id}/cancel', { params: { path: { id: one.id } } }));

  equal([one.id === same.id, again.status, cancelled.status], [true, 409, 'cancelled'], 'the booking');
});

test('what is said while a connection is cut arrives on both sides, once and in order', async () => {
  const office = await restOf(platform.email, platform.password);
  const student = chatOf(rest);
  await until('the conversation', () => student.sessions.length > 0);
  const id = student.sessions[0] ?? '';
  const admin = chatOf(office, true);
  await until('the admin is connected', () => admin.client.state === 'open');
  admin.client.follow(id, 0);

  student.client.send('Satu');
  await until('the first message', () => admin.heard.includes('Satu'));
  student.cut();
  student.client.send('Dua');
  admin.client.send('Tiga', id);

  await until('what was said by the student', () => admin.heard.length === 2 && student.sent.length === 2);
  await until('what was said by the admin', () => student.heard.length === 1);
  equal([admin.heard, student.heard, [...student.sent, ...admin.sent].sort()], [['Satu', 'Dua'], ['Tiga'], [1, 2, 3]], 'the conversation');
  student.client.close();
  admin.client.close();
});

test('who signs out is a stranger again', async () => {
  await session.logout();

  const refused = await refusal(unwrap(rest.GET('/api/users/me')));
  equal([session.user, refused.code], [null, 'AUTH_MISSING_TOKEN'], 'the session');
});

void run().then((results) => {
  (globalThis as { clientResults?: unknown }).clientResults = results;
});
