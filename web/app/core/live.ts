import { computed, effect, signal } from '@preact/signals';
import { ChatClient, type ChatState, unwrap } from '../../client/src/index.js';
import { me, rest, type User } from './api.js';
import { listen, ownTalk, talkOf, talks, unreadOf } from './talks.js';

/** The connection that carries chat and notifications of the person who is signed in. */
export const chat = signal<ChatClient | null>(null);
export const chatState = signal<ChatState>('stopped');
export const unreadNotifications = signal(0);

/** How many notifications have come while the page was open: what it shows may be old after each. */
export const news = signal(0);

/** For admins, how many conversations wait for an answer. */
const unanswered = signal(0);

/** What the chat's entry in the navigation counts: unread messages, for admins conversations that wait. */
export const unreadMessages = computed(() => {
  const person = me.value;
  if (person?.role === 'admin') return unanswered.value;
  return person && ownTalk.value ? unreadOf(talkOf(ownTalk.value), person) : 0;
});

export async function countNotifications(): Promise<void> {
  const list = await unwrap(rest.GET('/api/users/me/notifications', { params: { query: { unread: true, limit: 1 } } }));
  unreadNotifications.value = list.unread_count;
}

export async function countUnanswered(): Promise<void> {
  if (me.peek()?.role === 'admin') unanswered.value = (await unwrap(rest.GET('/api/chat/stats'))).unanswered;
}

/** For admins, how often the conversations that wait were counted anew: a list of them may be old after each. */
export const recounted = signal(0);

let counting: ReturnType<typeof setTimeout> | undefined;

/** Counts again in a moment, when the school has heard what was read or said; a burst of messages counts once. */
export function countUnansweredSoon(): void {
  if (me.peek()?.role !== 'admin') return;
  clearTimeout(counting);
  counting = setTimeout(() => {
    quietly(
      countUnanswered().then(() => {
        recounted.value++;
      }),
    );
  }, 400);
}

const quietly = (work: Promise<void>) => void work.catch(() => undefined);

function connect(person: User): ChatClient {
  const client = new ChatClient({
    admin: person.role === 'admin',
    ticket: async () => (await unwrap(rest.POST('/api/chat/ticket'))).ticket,
  });
  listen(client, person);
  client.on('state', (state) => (chatState.value = state));
  client.on('notification', (told) => {
    unreadNotifications.value = told.unread_count;
    news.value++;
  });
  client.on('message', countUnansweredSoon);
  client.on('sent', countUnansweredSoon);
  client.on('read', countUnansweredSoon);
  client.start();
  quietly(countNotifications());
  quietly(countUnanswered());
  return client;
}

/** Connects a person who signs in, until they sign out. */
export function keepConnected(): void {
  let connected: string | undefined;

  effect(() => {
    const person = me.value;
    if (person?.id === connected) return;

    connected = person?.id;
    chat.peek()?.close();
    talks.value = {};
    ownTalk.value = null;
    unreadNotifications.value = unanswered.value = 0;
    chat.value = person ? connect(person) : null;
  });
}
