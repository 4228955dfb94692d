import { signal } from '@preact/signals';
import { ApiError, createRest, type components, Session, unwrap } from '../../client/src/index.js';
import { language } from './i18n.js';
import { began, ended } from './travel.js';

type Schemas = components['schemas'];
export type User = Schemas['User'];
export type Course = Schemas['Course'];
export type Slot = Schemas['Slot'];
export type Booking = Schemas['Booking'];
export type PendingBooking = Schemas['Booking'];
export type Lesson = Schemas['Lesson'];
export type Dashboard = Schemas['Dashboard'];
export type Role = Schemas['Role'];

export const session = new Session({ language: () => language.value });
export const rest = createRest({ session, language: () => language.value });

// What takes a while shows that it is on its way; the chat says by itself that it is connecting.
const counted =
  (count: () => void) =>
  ({ schemaPath }: { schemaPath: string }): void => {
    if (schemaPath !== '/api/chat/ticket') count();
  };
rest.use({ onRequest: counted(began), onResponse: counted(ended), onError: counted(ended) });

/** Who is signed in; null for a visitor. */
export const me = signal<User | null>(session.user);
session.subscribe(() => {
  me.value = session.user;
});

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** All items of a list, page after page; at most `limit` of them. */
export async function all<T>(page: (cursor: string | undefined) => Promise<{ data?: Page<T>; error?: unknown; response: Response }>, limit = 2000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null | undefined;
  do {
    const answer: Page<T> = await unwrap<Page<T>>(page(cursor ?? undefined));
    items.push(...answer.items);
    cursor = answer.next_cursor;
  } while (cursor && items.length < limit);
  return items;
}

/** The answer, or null where the API knows nothing of it. */
export async function orNull<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T | null> {
  try {
    return await unwrap(answer);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
