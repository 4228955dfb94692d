import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { unwrap } from '../../../client/src/index.js';
import { type Booking, rest } from '../../core/api.js';
import { moment } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { BookingChip } from '../../ui/badges.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { BothChoices, SlotTime } from '../../ui/time.js';
import { Revoke } from './revoke.js';

const statuses = ['pending', 'confirmed', 'rejected', 'cancelled'] as const;

/** All bookings, newest first; with ?id= the one to which a mail leads. */
export default function AllBookings() {
  const { query, route } = useLocation();
  const status = statuses.find((known) => known === query.status);
  const [pages, setPages] = useState(1);
  const [revoking, setRevoking] = useState<Booking>();
  const { id } = query;
  const list = useLoad(async () => {
    if (id) return { items: [await unwrap(rest.GET('/api/bookings/{id}', { params: { path: { id } } }))], more: false };

    const items: Booking[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const answer: { items: Booking[]; next_cursor: string | null } = await unwrap(
        rest.GET('/api/bookings', { params: { query: { limit: 50, ...(status && { status }), ...(cursor && { cursor }) } } }),
      );
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return { items, more: cursor !== null };
  }, [id, status, pages]);

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.bookings')} />
        <div class="filters">
          <label>
            {t('filter.status')}
            <select value={status ?? ''} onChange={({ currentTarget: { value } }) => route(value ? `/admin/bookings?status=${value}` : '/admin/bookings', true)}>
              <option value="">{t('filter.any')}</option>
              {statuses.map((known) => (
                <option key={known} value={known}>
                  {word('booking', known)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Loaded of={list} bones={[5, 5, 5, 5]}>
          {({ items, more }) => (
            <>
              {items.length === 0 && <p class="empty">{t('bookings.no_such')}</p>}
              <ul class="stack">
                {items.map((booking) => (
                  <Entry key={booking.id} booking={booking} onRevoke={() => setRevoking(booking)} />
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
      {revoking && <Revoke booking={revoking} onDone={list.reload} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

/** One booking in a list for admins. */
export function Entry({ booking, onRevoke }: { booking: Booking; onRevoke?: () => void }) {
  const { user, course, confirmed_slot: lesson } = booking;
  const revocable = booking.status === 'confirmed' && lesson && Date.parse(lesson.starts_at) > Date.now();

  return (
    <li class="card stack tight">
      <p class="row between">
        <strong>{course.title}</strong>
        <BookingChip booking={booking} />
      </p>
      <p class="soft small">
        {user && (
          <>
            <a href={`/admin/people/${user.id}`}>{user.full_name}</a> ·{' '}
          </>
        )}
        {t('bookings.asked', { when: moment(booking.created_at) })}
      </p>
      {lesson && (
        <p>
          <SlotTime slot={lesson} />
        </p>
      )}
      {booking.status === 'pending' && <Undecided booking={booking} />}
      {booking.decision_note && <p class="small">“{booking.decision_note}”</p>}
      {revocable && onRevoke && (
        <p>
          <button type="button" class="button" onClick={onRevoke}>
            {t('revoke.title')}
            <span class="unseen">: {course.title}</span>
          </button>
        </p>
      )}
    </li>
  );
}

/** What was asked for, and where it is decided. */
function Undecided({ booking }: { booking: Booking }) {
  return (
    <>
      <ul class="stack tight">
        <BothChoices first={booking.first_choice} second={booking.second_choice} />
      </ul>
      <p>
        <a class="button" href="/admin">
          {t('bookings.decide')}
          <span class="unseen">: {booking.course.title}</span>
        </a>
      </p>
    </>
  );
}
