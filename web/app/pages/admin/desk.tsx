import { useEffect, useRef, useState } from 'preact/hooks';
import { type components, unwrap } from '../../../client/src/index.js';
import { rest } from '../../core/api.js';
import { moment } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';
import { chat, countUnanswered, recounted } from '../../core/live.js';
import { useLoad } from '../../core/load.js';
import { change, insert, talkOf } from '../../core/talks.js';
import { Conversation } from '../../ui/conversation.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { Problem, sentence } from '../../ui/problem.js';
import { Subnav } from '../../ui/subnav.js';
import { say } from '../../ui/toasts.js';

type ChatSession = components['schemas']['ChatSession'];

/** How many messages of a conversation are there when it is opened. */
const newest = 100;

/** Those that wait for an answer first, then by last activity. */
const order = (a: ChatSession, b: ChatSession) => Number(b.unanswered) - Number(a.unanswered) || b.last_activity_at.localeCompare(a.last_activity_at);

/** All conversations with students and teachers. */
export default function Desk() {
  const [openId, setOpenId] = useState<string>();
  const list = useLoad(async () => {
    const [waiting, recent] = await Promise.all([
      unwrap(rest.GET('/api/chat/sessions', { params: { query: { unanswered: true, limit: 100 } } })),
      unwrap(rest.GET('/api/chat/sessions', { params: { query: { limit: 100 } } })),
    ]);
    const known = new Set(waiting.items.map(({ id }) => id));
    return [...waiting.items, ...recent.items.filter(({ id }) => !known.has(id))].sort(order);
  }, [recounted.value]);
  const open = list.data?.find(({ id }) => id === openId);

  // The list follows what is said; a burst of messages asks once.
  useEffect(() => {
    const client = chat.value;
    if (!client) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(list.reload, 400);
    };
    const ends = [client.on('message', soon), client.on('sent', soon), client.on('session', soon), client.on('closed', soon), client.on('read', soon)];
    return () => {
      clearTimeout(timer);
      for (const end of ends) end();
    };
  }, [chat.value]);

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.chat')} />
        <div class={open ? 'desk open' : 'desk'}>
          <section class="card" aria-label={t('desk.list')}>
            <Loaded of={list} bones={[3.5, 3.5, 3.5]}>
              {(items) =>
                items.length === 0 ? (
                  <p class="soft">{t('desk.none')}</p>
                ) : (
                  <ul class="talks">
                    {items.map((item) => (
                      <li key={item.id}>
                        <Talk item={item} open={item.id === openId} onOpen={() => setOpenId(item.id)} />
                      </li>
                    ))}
                  </ul>
                )
              }
            </Loaded>
          </section>
          {open ? <OpenTalk key={open.id} item={open} onClose={() => setOpenId(undefined)} onChange={list.reload} /> : <p class="empty">{t('desk.choose')}</p>}
        </div>
      </div>
    </>
  );
}

const nameOf = (item: ChatSession) => item.user?.full_name ?? t('desk.left');

function Talk({ item, open, onOpen }: { item: ChatSession; open: boolean; onOpen: () => void }) {
  return (
    <button type="button" class="talk" aria-current={open} onClick={onOpen}>
      <span class="row between">
        <strong>{nameOf(item)}</strong>
        {item.unread > 0 && (
          <span class="count">
            {item.unread}
            <span class="unseen"> {t('nav.unread')}</span>
          </span>
        )}
      </span>
      <span class="row between small">
        <span class="soft">{moment(item.last_activity_at)}</span>
        <span class={`chip ${item.unanswered ? 'warn' : ''}`}>{item.unanswered ? t('desk.unanswered') : word('talk', item.status)}</span>
      </span>
    </button>
  );
}

function OpenTalk({ item, onClose, onChange }: { item: ChatSession; onClose: () => void; onChange: () => void }) {
  const [error, setError] = useState<unknown>();
  const section = useRef<HTMLElement>(null);
  const name = nameOf(item);
  const client = chat.value;

  const load = async () => {
    setError(undefined);
    const query = { before_seq: item.message_count + 1, limit: newest };
    const { items } = await unwrap(rest.GET('/api/chat/sessions/{id}/messages', { params: { path: { id: item.id }, query } }));
    insert(item.id, items);
    change(item.id, () => ({ closed: item.status === 'closed' }));
    const last = Math.max(0, ...talkOf(item.id).lines.map(({ seq }) => seq ?? 0));
    client?.follow(item.id, last);
    await countUnanswered();
  };
  useEffect(() => {
    load().catch(setError);
    return () => client?.unfollow(item.id);
  }, [item.id, client]);

  // On a phone the conversation stands where the list was, below what leads to other pages.
  useEffect(() => section.current?.scrollIntoView({ block: 'nearest' }), []);

  const close = () =>
    void unwrap(rest.POST('/api/chat/sessions/{id}/close', { params: { path: { id: item.id } } })).then(onChange, (failure: unknown) => say(sentence(failure)));

  return (
    <section class="card chat" aria-label={t('desk.with', { name })} ref={section}>
      <header class="row between">
        <h2>{item.user ? <a href={`/admin/people/${item.user.id}`}>{name}</a> : name}</h2>
        <span class="row">
          {item.status === 'active' && (
            <button type="button" class="button" onClick={close}>
              {t('desk.close')}
            </button>
          )}
          <button type="button" class="button quiet" onClick={onClose}>
            {t('back')}
          </button>
        </span>
      </header>
      {error !== undefined && <Problem error={error} retry={() => void load().catch(setError)} />}
      <Conversation id={item.id} label={t('desk.with', { name })} />
    </section>
  );
}
