import { signal } from '@preact/signals';
import type { ChatClient, ChatMessage } from '../../client/src/index.js';
import type { User } from './api.js';

/** A message as a conversation shows it; without a number while it is not in the database. */
export interface Line {
  seq: number | null;
  name: string;
  sender: ChatMessage['sender'];
  sender_id: string | null;
  sender_name: string;
  message: string;
  timestamp: string;
  /** Why the school did not take it. */
  refused?: string;
}

export interface Talk {
  lines: Line[];
  /** Up to where the reader has read, and the other side. */
  mine: number;
  others: number;
  closed: boolean;
  /** When the other side was last seen typing, in milliseconds. */
  typing: number;
}

const empty: Talk = { lines: [], mine: 0, others: 0, closed: false, typing: 0 };

/** The conversations of this page by session id, and which one is the reader's own. */
export const talks = signal<Readonly<Record<string, Talk>>>({});
export const ownTalk = signal<string | null>(null);

export const talkOf = (id: string): Talk => talks.value[id] ?? empty;

export function change(id: string, update: (talk: Talk) => Partial<Talk>): void {
  const talk = talks.peek()[id] ?? empty;
  talks.value = { ...talks.peek(), [id]: { ...talk, ...update(talk) } };
}

const order = (a: Line, b: Line) => (a.seq ?? Number.MAX_SAFE_INTEGER) - (b.seq ?? Number.MAX_SAFE_INTEGER);

/** Puts messages where their numbers say; one that is there already is replaced. */
export function insert(id: string, messages: ChatMessage[]): void {
  change(id, ({ lines }) => {
    const fresh = messages.map((message): Line => ({ ...message, name: message.client_msg_id ?? message.id }));
    const known = new Set(fresh.map(({ seq }) => seq));
    const names = new Set(fresh.map(({ name }) => name));
    const kept = lines.filter((line) => !known.has(line.seq) && !(line.seq === null && names.has(line.name)));
    return { lines: [...kept, ...fresh].sort(order) };
  });
}

/** Messages of the other side that the reader has not seen. */
export const unreadOf = (talk: Talk, person: User) => talk.lines.filter(({ seq, sender_id: by }) => seq !== null && seq > talk.mine && by !== person.id).length;

/** Writes what the connection tells into the conversations. */
export function listen(client: ChatClient, person: User): void {
  client.on('session', ({ session_id: id, read, status }) => {
    if (person.role !== 'admin') ownTalk.value = id;
    change(id, (talk) => ({ mine: read?.mine ?? talk.mine, others: read?.others ?? talk.others, closed: status === 'closed' }));
  });
  client.on('message', (message) => {
    insert(message.session_id, [message]);
    change(message.session_id, () => ({ typing: 0 }));
  });
  client.on('sent', ({ session_id: id, client_msg_id: name, seq, timestamp }) =>
    change(id, ({ lines }) => ({
      closed: false,
      lines: lines.map((line) => (line.name === name ? { ...line, seq, timestamp: timestamp ?? line.timestamp } : line)).sort(order),
    })),
  );
  client.on('refused', ({ client_msg_id: name, error }) => {
    for (const id of Object.keys(talks.peek())) {
      change(id, ({ lines }) => ({ lines: lines.map((line) => (line.name === name ? { ...line, refused: error } : line)) }));
    }
  });
  client.on('read', ({ session_id: id, seq, sender_id: by }) =>
    change(id, (talk) => (by === person.id ? { mine: Math.max(talk.mine, seq) } : { others: Math.max(talk.others, seq) })),
  );
  client.on('typing', ({ session_id: id }) => change(id, () => ({ typing: Date.now() })));
  client.on('closed', ({ session_id: id }) => change(id, () => ({ closed: true })));
}

/** Sends a message and shows it at once; it is marked as waiting until the school has it. */
export function write(client: ChatClient, person: User, id: string, message: string): void {
  const name = client.send(message, person.role === 'admin' ? id : undefined);
  const line: Line = {
    seq: null,
    name,
    sender: person.role,
    sender_id: person.id,
    sender_name: person.full_name,
    message,
    timestamp: new Date().toISOString(),
  };
  change(id, ({ lines }) => ({ lines: [...lines, line] }));
}
