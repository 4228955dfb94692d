import { unwrap } from '../../../client/src/index.js';
import { type Booking, rest } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { Confirm } from '../../ui/confirm.js';
import { TextArea } from '../../ui/fields.js';
import { text } from '../../ui/form.js';
import { SlotTime } from '../../ui/time.js';
import { say } from '../../ui/toasts.js';

/** Takes a confirmed lesson back; the student and the teacher are told why. */
export function Revoke({ booking, onDone, onClose }: { booking: Pick<Booking, 'id' | 'confirmed_slot' | 'course'>; onDone: () => void; onClose: () => void }) {
  const revoke = async (data: FormData) => {
    await unwrap(rest.POST('/api/bookings/{id}/revoke', { params: { path: { id: booking.id } }, body: { reason: text(data, 'reason') ?? '' } }));
    say(t('revoke.done'));
    onDone();
  };

  return (
    <Confirm danger title={t('revoke.title')} action={t('revoke.send')} onConfirm={revoke} onClose={onClose}>
      <p>
        <strong>{booking.course.title}</strong>
        {booking.confirmed_slot && (
          <>
            {' · '}
            <SlotTime slot={booking.confirmed_slot} />
          </>
        )}
      </p>
      <TextArea name="reason" label={t('field.reason')} hint={t('revoke.hint')} maxLength={500} />
    </Confirm>
  );
}
