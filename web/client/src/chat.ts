import { isApiError } from './errors.js';
import { idempotencyKey } from './id.js';
import type { AckFrame, ChatMessage, ChatNotification, ClientFrame, ErrorFrame, ServerFrame, SessionFrame } from './frames.js';
import { Position } from './position.js';
import { backoff, planFor } from './reconnect.js';

/** `waiting` is between two tries; `stopped` doesn't come back by itself: signed out, suspended, or closed. */
export type ChatState = 'connecting' | 'open' | 'waiting' | 'stopped';

export interface ChatEvents {
  state: ChatState;
  session: SessionFrame;
  /** Each message of others once, in the order of their numbers but for gaps that are filled at once. */
  message: ChatMessage;
  /** One's own message is in the database. */
  sent: AckFrame;
  /** One's own message was refused for good. */
  refused: ErrorFrame & { client_msg_id: string };
  typing: { session_id: string; sender: ChatMessage['sender']; sender_id: string };
  read: { session_id: string; seq: number; sender: ChatMessage['sender']; sender_id: string };
  closed: { session_id: string; reason?: 'idle' | 'admin' };
  notification: ChatNotification;
  error: ErrorFrame;
}

export interface ChatOptions {
  /** Gets a ticket from POST /api/chat/ticket. */
  ticket: () => Promise<string>;
  /** Of the API, such as https://school.example; the page's own host by default. */
  baseUrl?: string;
  /** Admins hear all conversations and name one in every frame. */
  admin?: boolean;
  connect?: (url: string) => WebSocket;
  random?: () => number;
}

interface Pending {
  client_msg_id: string;
  message: string;
  session_id: string | undefined;
}

/** How often the connection is tried when nothing is heard, and how long an answer may take; milliseconds. */
const pingEvery = 25_000;
const pongWithin = 10_000;

/**
 * A connection to the chat that comes back by itself: what was said in between arrives, and what was sent and not
 * acknowledged is sent again, so that nothing is lost and nothing comes twice.
 */
export class ChatClient {
  readonly #options: ChatOptions;
  readonly #listeners = new Map<keyof ChatEvents, Set<(event: never) => void>>();
  readonly #positions = new Map<string, Position>();
  readonly #pending = new Map<string, Pending>();
  #socket: WebSocket | null = null;
  #state: ChatState = 'stopped';
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  get state(): ChatState {
    return this.#state;
  }

  /** Calls back for each event of the type; returns what ends that. */
  on<K extends keyof ChatEvents>(type: K, listener: (event: ChatEvents[K]) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Connects and stays connected until `close`. */
  start(): void {
    if (this.#state !== 'stopped') return;
    if (typeof addEventListener === 'function') addEventListener('online', this.#online);
    this.#failures = 0;
    void this.#connect();
  }

  /** Ends the connection for good. What was not acknowledged stays, for a `start` to come. */
  close(): void {
    if (typeof removeEventListener === 'function') removeEventListener('online', this.#online);
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#become('stopped');
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** Follows a conversation from a message on: what was said after it comes now, and after each connection. */
  follow(sessionId: string, lastSeq: number): void {
    this.#positions.set(sessionId, new Position(lastSeq));
    this.#frame({ type: 'resume', session_id: sessionId, last_seq: lastSeq });
  }

  unfollow(sessionId: string): void {
    this.#positions.delete(sessionId);
  }

  /** Sends a message, now or as soon as there is a connection; returns the name by which `sent` will speak of it. */
  send(message: string, sessionId?: string): string {
    const pending = { client_msg_id: idempotencyKey(), message, session_id: sessionId };
    this.#pending.set(pending.client_msg_id, pending);
    this.#deliver(pending);
    return pending.client_msg_id;
  }

  typing(sessionId?: string): void {
    this.#frame({ type: 'typing', ...(sessionId && { session_id: sessionId }) });
  }

  read(seq: number, sessionId?: string): void {
    this.#frame({ type: 'read', seq, ...(sessionId && { session_id: sessionId }) });
  }

  readonly #online = () => {
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#timer);
    void this.#connect();
  };

  async #connect(): Promise<void> {
    this.#become('connecting');
    let ticket: string;
    try {
      ticket = await this.#options.ticket();
    } catch (error) {
      if (isApiError(error) && (error.status === 401 || error.status === 403)) this.close();
      else this.#wait(backoff(this.#failures++, this.#options.random));
      return;
    }
    if (this.#state !== 'connecting') return;

    const base = this.#options.baseUrl ?? location.origin;
    const url = `${base.replace(/^http/, 'ws')}/api/chat/connect?ticket=${encodeURIComponent(ticket)}`;
    const socket = (this.#options.connect ?? ((target) => new WebSocket(target)))(url);
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: MessageEvent<string>) => this.#heard(socket, event.data);
    socket.onclose = (event) => this.#closed(socket, event.code, event.reason);
  }

  #opened(): void {
    this.#become('open');
    this.#keepAlive();
    for (const [session_id, position] of this.#positions) {
      this.#frame({ type: 'resume', session_id, last_seq: position.last });
    }
    for (const pending of this.#pending.values()) this.#deliver(pending);
  }

  #closed(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#watch);

    if (code === 1009) this.#refuseLargest();
    const plan = planFor(code, reason, this.#failures++, this.#options.random);
    if (plan.again) this.#wait(plan.after);
    else this.close();
  }

  #wait(milliseconds: number): void {
    this.#become('waiting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), milliseconds);
  }

  /** Asks for a sign of life whenever nothing was heard for a while, and gives up on a connection that gives none. */
  #keepAlive(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      this.#frame({ type: 'ping' });
      this.#watch = setTimeout(() => this.#abandon(), pongWithin);
    }, pingEvery);
  }

  #abandon(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#closed(socket, 1006, '');
  }

  #heard(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    this.#failures = 0;
    this.#keepAlive();

    const frame = JSON.parse(text) as ServerFrame;
    switch (frame.type) {
      case 'session':
        this.#begin(frame.data);
        return;
      case 'ack':
        this.#acknowledge(frame.data);
        return;
      case 'new_message':
        this.#receive(frame.data);
        return;
      case 'session_closed':
        this.#emit('closed', frame.data);
        return;
      case 'error':
        this.#fail(frame.data);
        return;
      case 'typing':
      case 'read':
      case 'notification':
        this.#emit(frame.type, frame.data);
    }
  }

  #begin(session: SessionFrame): void {
    this.#emit('session', session);
    if (!this.#options.admin && !this.#positions.has(session.session_id)) this.follow(session.session_id, 0);
  }

  #acknowledge(ack: AckFrame): void {
    this.#positions.get(ack.session_id)?.add(ack.seq);
    if (this.#pending.delete(ack.client_msg_id)) this.#emit('sent', ack);
  }

  #receive(message: ChatMessage): void {
    const position = this.#positions.get(message.session_id);
    const own = message.client_msg_id !== null && this.#pending.get(message.client_msg_id);
    if (own && own.message === message.message) {
      this.#acknowledge({ ...message, client_msg_id: own.client_msg_id });
      return;
    }
    if (position && !position.add(message.seq)) return;

    this.#emit('message', message);
    if (position?.gap) this.#frame({ type: 'resume', session_id: message.session_id, last_seq: position.last });
  }

  #fail(failure: ErrorFrame): void {
    const { client_msg_id: id } = failure;
    const pending = id ? this.#pending.get(id) : undefined;
    if (failure.code === 'SERVICE_UNAVAILABLE') {
      if (pending) setTimeout(() => this.#deliver(pending), backoff(this.#failures++, this.#options.random));
      else this.#abandon();
      return;
    }
    if (failure.code === 'CHAT_UNKNOWN_FRAME') return;
    if (failure.code === 'CHAT_SESSION_CLOSED' && pending && !this.#options.admin) {
      this.#positions.clear();
      this.#abandon(); // The next connection has a new conversation, to which the message goes.
      return;
    }
    if (id && this.#pending.delete(id)) this.#emit('refused', { ...failure, client_msg_id: id });
    else this.#emit('error', failure);
  }

  /** A frame was too large for the server; of what was not acknowledged it can only be the largest. */
  #refuseLargest(): void {
    const [largest] = [...this.#pending.values()].sort((a, b) => b.message.length - a.message.length);
    if (largest) this.#fail({ code: 'CHAT_MESSAGE_TOO_LONG', error: '', client_msg_id: largest.client_msg_id });
  }

  #deliver({ client_msg_id, message, session_id }: Pending): void {
    if (!this.#pending.has(client_msg_id)) return;
    this.#frame({ type: 'message', client_msg_id, message, ...(session_id && { session_id }) });
  }

  #frame(frame: ClientFrame): void {
    if (this.#state === 'open' && this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #become(state: ChatState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#emit('state', state);
  }

  #emit<K extends keyof ChatEvents>(type: K, event: ChatEvents[K]): void {
    for (const listener of this.#listeners.get(type) ?? []) (listener as (event: ChatEvents[K]) => void)(event);
  }
}
