// A frontend's calls, as the types that are made from the document allow them, and below what they must not allow: a line
// after @ts-expect-error that compiles is an error of its own.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

const api = createClient<paths>({ baseUrl: 'http://127.0.0.1:3000' });

type Course = components['schemas']['Course'];

export async function courses(): Promise<Course[]> {
  const { data, error, response } = await api.GET('/api/courses', {
    params: { query: { level: 'beginner', limit: 5 }, header: { 'If-None-Match': '"x"' } },
  });

  if (response.status === 304) return [];
  if (data) return data.items;

  // Every code that the operation can answer is known, and so are the details.
  switch (error?.code) {
    case 'VALIDATION_FAILED':
      throw new Error(error.details.fields?.map((f) => `${f.field} ${f.message}`).join(', '));
    case 'RATE_LIMITED':
    case 'SERVICE_UNAVAILABLE':
      return courses();
    default:
      throw new Error(error?.error);
  }
}

export async function signIn(email: string, password: string): Promise<string> {
  const { data, error } = await api.POST('/api/auth/login', { body: { email, password } });
  if (error?.code === 'AUTH_LOCKED' || error?.code === 'AUTH_INVALID_CREDENTIALS') return error.error;

  return data?.user.role === 'admin' ? 'admin' : (data?.access_token ?? '');
}

export async function book(course_id: string, first: string, second: string): Promise<string[]> {
  const { data, error } = await api.POST('/api/bookings/create', {
    params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
    body: { course_id, first_choice_slot_id: first, second_choice_slot_id: second },
  });
  if (error?.code === 'BOOKING_INVALID_SLOTS') return error.details.slot_ids ?? [];

  return data ? [data.first_choice_slot_id] : [];
}

// What a notification holds depends on its type.
export async function tell(): Promise<string[]> {
  const { data } = await api.GET('/api/users/me/notifications', { params: { query: { unread: true } } });

  return (data?.items ?? []).map((n) => {
    switch (n.type) {
      case 'booking_confirmed':
        return `${n.data.course.title} ${n.data.confirmed_slot.starts_at}`;
      case 'booking_created':
        return n.data.student.full_name ?? '';
      default:
        return n.title;
    }
  });
}

export async function dashboard(): Promise<number | null> {
  const { data } = await api.GET('/api/admin/dashboard');

  return data?.stats.unanswered_chats ?? null;
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such path
  await api.GET('/api/nothing');

  // @ts-expect-error the path has no such method
  await api.DELETE('/api/courses');

  // @ts-expect-error the operation has no such parameter
  await api.GET('/api/courses', { params: { query: { user_id: 'x' } } });

  // @ts-expect-error the parameter has no such value
  await api.GET('/api/courses', { params: { query: { level: 'genius' } } });

  // @ts-expect-error the body needs a password
  await api.POST('/api/auth/login', { body: { email: 'a@b.test' } });

  // @ts-expect-error the path needs an id
  await api.GET('/api/courses/{id}', {});

  const { data, error } = await api.GET('/api/courses');

  // @ts-expect-error a list of courses is never refused with this code
  if (error?.code === 'BOOKING_EXPIRED') return;

  // @ts-expect-error a course has no such field
  data?.items[0]?.password_hash;

  // @ts-expect-error the cursor may be null
  data?.next_cursor.length;

  // @ts-expect-error the role is none of these
  const role: components['schemas']['User']['role'] = 'owner';
  void role;

  const { data: told } = await api.GET('/api/users/me/notifications');
  const first = told?.items[0];

  // @ts-expect-error a received booking has not been confirmed
  if (first?.type === 'booking_received') void first.data.confirmed_slot.starts_at;

  // @ts-expect-error there is no such type
  if (first?.type === 'weather') return;

  // @ts-expect-error internal operations are not in the document
  await api.POST('/internal/reservations', {});
}
