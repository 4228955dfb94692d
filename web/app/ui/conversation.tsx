import { Fragment } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { me } from '../core/api.js';
import { clock, dayKey, longDay, ownZone } from '../core/dates.js';
import { t, word } from '../core/i18n.js';
import { chat, chatState, countUnansweredSoon } from '../core/live.js';
import { useNow } from '../core/now.js';
import { change, type Line, talkOf, write } from '../core/talks.js';

const longest = 4000;
/** How often others hear that one is typing, and how long they believe it; milliseconds. */
const typingEvery = 3_000;
const typingFor = 5_000;

/** The messages of one conversation, and where to write the next. */
export function Conversation({ id, label }: { id: string; label: string }) {
  const list = useRef<HTMLDivElement>(null);
  const talk = talkOf(id);
  const person = me.value;
  const last = talk.lines.reduce((highest, line) => Math.max(highest, line.seq ?? 0), 0);
  const now = useNow(2);

  // The newest message is in sight, and marked as read while somebody looks.
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight);
  }, [id, talk.lines.length]);
  useEffect(() => {
    if (last <= talk.mine || document.hidden || chatState.value !== 'open') return;
    chat.value?.read(last, person?.role === 'admin' ? id : undefined);
    change(id, () => ({ mine: last }));
    countUnansweredSoon();
  }, [id, last, talk.mine, chatState.value, now]);

  if (!person) return null;
  return (
    <>
      <div class="messages" ref={list} role="log" aria-label={label} tabIndex={0}>
        <ul>
        {talk.lines.length === 0 && <li class="break">{t('chat.empty')}</li>}
        {talk.lines.map((line, index) => (
          <Fragment key={line.name}>
            {newDay(talk.lines[index - 1], line) && (
              <li class="break">
                {longDay(line.timestamp, ownZone)}
              </li>
            )}
            <Message line={line} mine={(person.role === 'admin') === (line.sender === 'admin')} read={line.seq !== null && line.seq <= talk.others} />
          </Fragment>
        ))}
        {now - talk.typing < typingFor && <li class="break">{t('chat.typing')}</li>}
        {talk.closed && <li class="break">{t(person.role === 'admin' ? 'desk.closed' : 'chat.closed')}</li>}
        </ul>
      </div>
      <Composer id={id} />
    </>
  );
}

const newDay = (former: Line | undefined, line: Line) => !former || dayKey(former.timestamp, ownZone) !== dayKey(line.timestamp, ownZone);

function Message({ line, mine, read }: { line: Line; mine: boolean; read: boolean }) {
  const waiting = line.seq === null && !line.refused;
  const status = line.refused ? line.refused || t('chat.refused') : waiting ? t('chat.waiting') : mine && read ? t('chat.read') : '';

  return (
    <li class={`message ${mine ? 'mine' : ''} ${waiting ? 'waiting' : ''}`}>
      {line.message}
      <footer>
        {line.sender_name || word('role', line.sender)} · <time dateTime={line.timestamp}>{clock(line.timestamp, ownZone)}</time>
        {status && ` · ${status}`}
      </footer>
    </li>
  );
}

function Composer({ id }: { id: string }) {
  const [draft, setDraft] = useState('');
  const said = useRef(0);
  const [person, client] = [me.value, chat.value];
  const left = longest - Array.from(draft).length;

  const send = (event: Event) => {
    event.preventDefault();
    const message = draft.trim();
    if (!message || left < 0 || !person || !client) return;
    write(client, person, id, message);
    setDraft('');
  };
  const typed = (value: string) => {
    setDraft(value);
    if (Date.now() - said.current < typingEvery) return;
    said.current = Date.now();
    client?.typing(person?.role === 'admin' ? id : undefined);
  };

  return (
    <>
      {chatState.value !== 'open' && (
        <p class="banner" role="status">
          {chatState.value === 'stopped' ? t('chat.stopped') : t('chat.reconnecting')}
        </p>
      )}
      <form onSubmit={send}>
        <textarea
          rows={1}
          aria-label={t('chat.write')}
          placeholder={t('chat.write')}
          value={draft}
          onInput={(event) => typed(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
          }}
        />
        {left < 200 && (
          <span class={left < 0 ? 'chip bad' : 'chip'} role="status">
            {left}
          </span>
        )}
        <button type="submit" class="button primary" aria-disabled={!draft.trim() || left < 0}>
          {t('chat.send')}
        </button>
      </form>
    </>
  );
}
