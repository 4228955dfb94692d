import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { all, type Booking, type Lesson, rest } from '../core/api.js';
import { moment } from '../core/dates.js';
import { t, word } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { useNow } from '../core/now.js';
import { BookingChip } from '../ui/badges.js';
import { CalendarAddress } from '../ui/calendar-address.js';
import { Confirm } from '../ui/confirm.js';
import { Loaded } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { BothChoices, SlotTime, ZoneNote } from '../ui/time.js';
import { say } from '../ui/toasts.js';

/** Until so long before a lesson it can be cancelled or moved; milliseconds. */
const notice = 24 * 3_600_000;

/** A student's bookings and lessons. */
export default function Bookings() {
  const bookings = useLoad(() => all((cursor) => rest.GET('/api/bookings', { params: { query: { limit: 100, ...(cursor && { cursor }) } } })), []);
  const past = useLoad(async () => {
    const now = new Date().toISOString();
    return (await all((cursor) => rest.GET('/api/lessons', { params: { query: { from: '2020-01-01T00:00:00Z', to: now, limit: 100, ...(cursor && { cursor }) } } }))).reverse();
  }, []);
  const [cancelling, setCancelling] = useState<Booking>();
  const now = useNow();

  const cancel = async (booking: Booking) => {
    await unwrap(rest.POST('/api/bookings/{id}/cancel', { params: { path: { id: booking.id } } }));
    say(t('cancel.done'));
    bookings.reload();
  };

  return (
    <div class="stack loose">
      <Heading title={t('nav.bookings')} />
      <Loaded of={bookings} bones={[7, 7, 7]}>
        {(list) => {
          const open = list.filter((booking) => isOpen(booking, now));
          return (
            <>
              <ZoneNote slots={open.map((booking) => booking.first_choice)} />
              <section class="stack" aria-label={t('bookings.open')}>
                {open.length === 0 && (
                  <div class="empty">
                    <p>{t('bookings.none')}</p>
                    <a class="button primary" href="/">
                      {t('nav.courses')}
                    </a>
                  </div>
                )}
                {open.map((booking) => (
                  <OpenBooking key={booking.id} booking={booking} now={now} onCancel={() => setCancelling(booking)} />
                ))}
              </section>
              <Earlier bookings={list.filter((booking) => !isOpen(booking, now))} />
            </>
          );
        }}
      </Loaded>
      <Past lessons={past.data ?? []} />
      <CalendarAddress />
      {cancelling && (
        <Confirm danger title={t('cancel.title')} action={t('cancel.send')} onConfirm={() => cancel(cancelling)} onClose={() => setCancelling(undefined)}>
          <p>{cancelling.status === 'confirmed' ? t('cancel.lesson') : t('cancel.request')}</p>
          <p>
            <strong>{cancelling.course.title}</strong>
          </p>
        </Confirm>
      )}
    </div>
  );
}

const isOpen = (booking: Booking, now: number) =>
  booking.status === 'pending' || (booking.status === 'confirmed' && booking.confirmed_slot !== null && Date.parse(booking.confirmed_slot.starts_at) > now);

function OpenBooking({ booking, now, onCancel }: { booking: Booking; now: number; onCancel: () => void }) {
  const { course, confirmed_slot: lesson } = booking;
  const late = lesson !== null && Date.parse(lesson.starts_at) - now < notice;

  return (
    <article class="card stack" aria-label={course.title}>
      <div class="row between">
        <h2>
          <a href={`/courses/${encodeURIComponent(course.name)}`}>{course.title}</a>
        </h2>
        <span class="row">
          {booking.package && <span class="chip">{booking.package}</span>}
          <BookingChip booking={booking} />
        </span>
      </div>
      {lesson ? (
        <p>
          <SlotTime slot={lesson} />
        </p>
      ) : (
        <ol class="stack tight">
          <BothChoices first={booking.first_choice} second={booking.second_choice} />
        </ol>
      )}
      {!lesson && <p class="soft small">{t('booking.until', { when: moment(booking.expires_at) })}</p>}
      {booking.replaces && !lesson && <p class="note small">{t('move.pending')}</p>}
      {booking.note && <p class="soft small">“{booking.note}”</p>}
      {late ? (
        <p class="soft small">{t('cancel.late')}</p>
      ) : (
        <div class="row">
          {lesson && (
            <a class="button" href={`/courses/${encodeURIComponent(course.name)}?move=${booking.id}`}>
              {t('move.start')}
            </a>
          )}
          <button type="button" class="button danger" onClick={onCancel}>
            {lesson ? t('cancel.lesson_button') : t('cancel.request_button')}
          </button>
        </div>
      )}
    </article>
  );
}

function Earlier({ bookings }: { bookings: Booking[] }) {
  if (bookings.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="earlier">
      <h2 id="earlier">{t('bookings.earlier')}</h2>
      <ul class="list card">
        {bookings.map((booking) => (
          <li key={booking.id} class="stack tight">
            <p class="row between">
              <strong>{booking.course.title}</strong>
              <BookingChip booking={booking} />
            </p>
            <p class="small soft">
              {booking.confirmed_slot ? <SlotTime slot={booking.confirmed_slot} /> : t('bookings.asked', { when: moment(booking.created_at) })}
            </p>
            {booking.decision_note && <p class="small">“{booking.decision_note}”</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Past({ lessons }: { lessons: Lesson[] }) {
  if (lessons.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="past">
      <h2 id="past">{t('bookings.past')}</h2>
      <ul class="list card">
        {lessons.map((lesson) => (
          <li key={lesson.booking_id} class="row between">
            <span>
              <strong>{lesson.course.title}</strong> · <SlotTime slot={lesson.slot} />
            </span>
            {lesson.attended !== null && <span class={`chip ${lesson.attended ? 'good' : 'bad'}`}>{word('attended', String(lesson.attended))}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
