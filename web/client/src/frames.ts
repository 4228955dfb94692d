/** A message of a conversation; `seq` counts 1, 2, 3 … in each without holes. */
export interface ChatMessage {
  session_id: string;
  seq: number;
  id: string;
  sender: 'student' | 'teacher' | 'admin';
  sender_id: string | null;
  sender_name: string;
  message: string;
  timestamp: string;
  client_msg_id: string | null;
}

/** Something that the person has been told; the list of notifications has the rest. */
export interface ChatNotification {
  id: string;
  type: string;
  title: string;
  unread_count: number;
}

/** What the client sends. Only admins have to give `session_id`. */
export type ClientFrame =
  | { type: 'message'; client_msg_id: string; message: string; session_id?: string }
  | { type: 'resume'; session_id?: string; last_seq: number }
  | { type: 'typing'; session_id?: string }
  | { type: 'read'; session_id?: string; seq: number }
  | { type: 'ping' };

export interface SessionFrame {
  session_id: string;
  last_seq: number;
  status: 'active' | 'closed';
  read?: { mine: number; others: number };
}

export interface AckFrame {
  client_msg_id: string;
  session_id: string;
  seq: number;
  id?: string;
  timestamp?: string;
}

export interface ErrorFrame {
  code: string;
  error: string;
  details?: Record<string, unknown>;
  client_msg_id?: string;
}

/** What the server sends. Types that a client doesn't know are to be ignored. */
export type ServerFrame =
  | { type: 'session'; data: SessionFrame }
  | { type: 'ack'; data: AckFrame }
  | { type: 'new_message'; data: ChatMessage }
  | { type: 'typing'; data: { session_id: string; sender: ChatMessage['sender']; sender_id: string } }
  | { type: 'read'; data: { session_id: string; seq: number; sender: ChatMessage['sender']; sender_id: string } }
  | { type: 'session_closed'; data: { session_id: string; reason?: 'idle' | 'admin' } }
  | { type: 'resumed'; data: { session_id: string; last_seq: number } }
  | { type: 'notification'; data: ChatNotification }
  | { type: 'error'; data: ErrorFrame }
  | { type: 'pong' };
