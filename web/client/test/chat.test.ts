import { ChatClient, type ChatMessage } from '../src/index.js';
import { Position } from '../src/position.js';
import { backoff, planFor } from '../src/reconnect.js';
import { equal, test } from './harness.js';

type Frame = Record<string, unknown>;

/** A socket whose other end is the test. */
class Wire {
  readonly sent: Frame[] = [];
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }

  close(code = 1000): void {
    this.readyState = 3;
    this.onclose?.({ code, reason: '' });
  }

  hear(type: string, data: Frame): void {
    this.onmessage?.({ data: JSON.stringify({ type, data }) });
  }
}

const tick = () => new Promise((resolve) => setTimeout(resolve));

/** A client whose connections open at once; waits between them are as short as can be. */
async function connected(admin = false) {
  const wires: Wire[] = [];
  const client = new ChatClient({
    admin,
    random: () => -1, // no wait at all: one second and a random part of minus one
    ticket: () => Promise.resolve('t'),
    baseUrl: 'http://school.test',
    connect: () => {
      const wire = new Wire();
      wires.push(wire);
      setTimeout(() => wire.onopen?.());
      return wire as unknown as WebSocket;
    },
  });
  const messages: number[] = [];
  client.on('message', ({ seq }) => messages.push(seq));
  client.start();
  await tick();
  await tick();
  const wire = (index: number) => wires[index] ?? new Wire();
  return { client, wires, wire, messages };
}

const message = (seq: number, extra: Partial<ChatMessage> = {}): Frame => ({
  session_id: 's',
  seq,
  id: `m${seq}`,
  sender: 'admin',
  sender_id: 'a',
  sender_name: 'Dewi',
  message: 'Halo',
  timestamp: '2026-12-01T03:00:00Z',
  client_msg_id: `c${seq}`,
  ...extra,
});

test('resumes after every connection, from the message up to which all are known', async () => {
  const { wires, wire, messages, client } = await connected();
  wire(0).hear('session', { session_id: 's', last_seq: 2, status: 'active' });
  wire(0).hear('new_message', message(1));
  wire(0).hear('new_message', message(2));
  wire(0).close(1006);
  await tick();
  await tick();
  await tick();

  equal(wire(0).sent, [{ type: 'resume', session_id: 's', last_seq: 0 }], 'first connection');
  equal([wires.length, wire(1).sent[0]], [2, { type: 'resume', session_id: 's', last_seq: 2 }], 'second connection');
  wire(1).hear('new_message', message(2));
  wire(1).hear('new_message', message(3));
  equal(messages, [1, 2, 3], 'each once');
  client.close();
});

test('sends what was not acknowledged again under the same name', async () => {
  const { wire, client } = await connected();
  wire(0).hear('session', { session_id: 's', last_seq: 0, status: 'active' });
  const name = client.send('Selamat siang');
  const sent: unknown[] = [];
  client.on('sent', ({ seq }) => sent.push(seq));
  wire(0).close(1006);
  await tick();
  await tick();
  await tick();

  const frame = { type: 'message', client_msg_id: name, message: 'Selamat siang' };
  equal([wire(0).sent[1], wire(1).sent[1]], [frame, frame], 'both connections');
  wire(1).hear('ack', { client_msg_id: name, session_id: 's', seq: 1 });
  wire(1).hear('ack', { client_msg_id: name, session_id: 's', seq: 1 });
  equal(sent, [1], 'acknowledged once');
  client.close();
});

test('asks for what is missing between two messages', async () => {
  const { wire, messages, client } = await connected(true);
  client.follow('s', 4);
  wire(0).hear('new_message', message(6));

  equal(wire(0).sent.at(-1), { type: 'resume', session_id: 's', last_seq: 4 }, 'the question');
  wire(0).hear('new_message', message(5));
  wire(0).hear('new_message', message(6));
  equal(messages, [6, 5], 'each once');
  client.close();
});

test('stays away when the session has ended', async () => {
  const { wires, wire, client } = await connected();
  wire(0).close(4003);
  await tick();
  await tick();

  equal([client.state, wires.length], ['stopped', 1], 'the connection');
});

test('a closed conversation gives way to a new one, to which the message goes', async () => {
  const { wire, client } = await connected();
  wire(0).hear('session', { session_id: 's', last_seq: 9, status: 'active' });
  const name = client.send('Masih ada orang?');
  wire(0).hear('error', { code: 'CHAT_SESSION_CLOSED', error: 'closed', client_msg_id: name });
  await tick();
  await tick();
  await tick();

  equal(wire(1).sent, [{ type: 'message', client_msg_id: name, message: 'Masih ada orang?' }], 'the new connection');
  client.close();
});

test('waits as each close code asks', () => {
  const half = () => 0.5;
  equal(planFor(1001, 'reconnect_after_ms=420', 0, half), { again: true, after: 420 }, 'going away');
  equal(planFor(4001, '', 0, half), { again: true, after: 0 }, 'an expired token');
  equal(planFor(4003, '', 0, half).again, false, 'not allowed');
  equal(planFor(4029, '', 0, half).after >= 10_000, true, 'too many');
  equal([0, 1, 2, 9].map((failures) => backoff(failures, half)), [1500, 3000, 6000, 11_250], 'longer each time, up to some ten seconds');
});

test('knows up to where nothing is missing', () => {
  const position = new Position(2);
  equal([position.add(4), position.add(4), position.add(1), position.last, position.gap], [true, false, false, 2, true], 'with a gap');
  equal([position.add(3), position.last, position.gap], [true, 4, false], 'without one');
});
