import { useState } from 'preact/hooks';
import { type components, unwrap } from '../../client/src/index.js';
import { me, rest } from '../core/api.js';
import { moment } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { countNotifications, news, unreadNotifications } from '../core/live.js';
import { useLoad } from '../core/load.js';
import { Loaded } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { say } from '../ui/toasts.js';
import { sentence } from '../ui/problem.js';

type Notification = components['schemas']['Notification'];

/** Where a notification leads. */
function target({ type, data }: Notification): string {
  switch (me.value?.role) {
    case 'admin':
      if (type === 'chat_unanswered') return '/admin/chat';
      return type === 'booking_cancelled' ? `/admin/bookings?id=${data.booking_id}` : '/admin';
    case 'teacher':
      return '/teach';
    default:
      return '/bookings';
  }
}

export default function Notifications() {
  const [pages, setPages] = useState(1);
  const list = useLoad(async () => {
    const items: Notification[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const answer: { items: Notification[]; next_cursor: string | null } = await unwrap(
        rest.GET('/api/users/me/notifications', { params: { query: { limit: 50, ...(cursor && { cursor }) } } }),
      );
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return { items, more: cursor !== null };
  }, [pages, news.value]);

  const read = (work: Promise<unknown>) =>
    void work.then(
      async () => {
        await countNotifications();
        list.reload();
      },
      (error: unknown) => say(sentence(error)),
    );
  const readAll = () => read(unwrap(rest.POST('/api/users/me/notifications/read-all')));
  const readOne = (id: string) => read(unwrap(rest.POST('/api/users/me/notifications/{id}/read', { params: { path: { id } } })));

  return (
    <div class="stack">
      <Heading title={t('nav.notifications')}>
        {unreadNotifications.value > 0 && (
          <button type="button" class="button" onClick={readAll}>
            {t('notifications.read_all')}
          </button>
        )}
      </Heading>
      <Loaded of={list} bones={[5, 5, 5]}>
        {({ items, more }) => (
          <>
            {items.length === 0 && <p class="empty">{t('notifications.none')}</p>}
            <ul class="stack">
              {items.map((item) => (
                <Entry key={item.id} item={item} onRead={() => readOne(item.id)} />
              ))}
            </ul>
            {more && (
              <button type="button" class="button" onClick={() => setPages(pages + 1)}>
                {t('more')}
              </button>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Entry({ item, onRead }: { item: Notification; onRead: () => void }) {
  return (
    <li class={item.read_at ? 'card stack tight' : 'card stack tight note'}>
      <p class="row between">
        <strong>
          <a href={target(item)} onClick={item.read_at ? undefined : onRead}>
            {item.title}
          </a>
        </strong>
        <time class="soft small" dateTime={item.created_at}>
          {moment(item.created_at)}
        </time>
      </p>
      <p class="lines">{item.body}</p>
      {!item.read_at && (
        <p>
          <button type="button" class="button quiet" onClick={onRead}>
            {t('notifications.read')}
            <span class="unseen">: {item.title}</span>
          </button>
        </p>
      )}
    </li>
  );
}
