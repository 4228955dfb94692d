import { useState } from 'preact/hooks';
import type { Booking } from '../../core/api.js';
import { moment, timeLeft } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';
import { useNow } from '../../core/now.js';
import { SlotTime } from '../../ui/time.js';

/** Less than this before the deadline a request is urgent; milliseconds. */
const urgent = 24 * 3_600_000;

interface Props {
  booking: Booking;
  onConfirm: (slotId: string) => Promise<void>;
  onReject: () => void;
}

/** One request that waits. With the focus on it, 1 and 2 confirm a choice and R rejects. */
export function RequestCard({ booking, onConfirm, onReject }: Props) {
  const [busy, setBusy] = useState<string>();
  const now = useNow();
  const { user, course } = booking;
  const choices = [booking.first_choice, booking.second_choice].filter((slot) => slot !== null);

  const confirm = (index: number) => {
    const slot = choices[index];
    if (busy || !slot || Date.parse(slot.starts_at) <= now) return;
    setBusy(slot.id);
    void onConfirm(slot.id).finally(() => setBusy(undefined));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '1' || event.key === '2') confirm(Number(event.key) - 1);
    if (event.key.toLowerCase() === 'r') onReject();
  };

  return (
    <article class="card request" tabIndex={0} onKeyDown={onKeyDown} aria-label={`${user?.full_name ?? ''}, ${course.title}`}>
      <div class="row between">
        <div>
          <h3>{user ? <a href={`/admin/people/${user.id}`}>{user.full_name}</a> : t('inbox.nobody')}</h3>
          <p class="soft small">
            {course.title} · {t('bookings.asked', { when: moment(booking.created_at) })}
          </p>
        </div>
        <span class={`chip left ${Date.parse(booking.expires_at) - now < urgent ? 'bad' : 'warn'}`}>{t('inbox.left', { time: timeLeft(booking.expires_at, now) })}</span>
      </div>
      {user && (
        <p class="row small">
          <a href={`mailto:${user.email}`}>{user.email}</a>
          {user.phone && <a href={`tel:${user.phone.replace(/[^+\d]/g, '')}`}>{user.phone}</a>}
          {booking.package && <span class="chip">{booking.package}</span>}
          {booking.replaces && <span class="chip accent">{t('inbox.moves')}</span>}
        </p>
      )}
      {booking.note && <p>“{booking.note}”</p>}
      <div class="options">
        {choices.map((slot, index) => (
          <div class="option" key={slot.id}>
            <strong>{index === 0 ? t('choice.first') : t('choice.second')}</strong>
            <SlotTime slot={slot} />
            {Date.parse(slot.starts_at) <= now ? (
              <span class="chip bad">{t('inbox.begun')}</span>
            ) : (
              <button type="button" class={index === 0 ? 'button primary' : 'button'} aria-busy={busy === slot.id} onClick={() => confirm(index)}>
                {t('inbox.confirm')}
                <span class="unseen"> {word('choice', index === 0 ? 'first' : 'second')}</span>
              </button>
            )}
          </div>
        ))}
      </div>
      <div>
        <button type="button" class="button danger" onClick={onReject}>
          {t('inbox.reject')}
          <span class="unseen">: {user?.full_name}</span>
        </button>
      </div>
    </article>
  );
}
