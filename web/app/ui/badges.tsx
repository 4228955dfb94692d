import type { Booking } from '../core/api.js';
import { word } from '../core/i18n.js';

const kinds: Record<string, string> = {
  pending: 'warn',
  confirmed: 'good',
  rejected: 'bad',
  cancelled: '',
  active: 'good',
  suspended: 'bad',
};

export function StatusChip({ group, status }: { group: string; status: string }) {
  return <span class={`chip ${kinds[status] ?? ''}`}>{word(group, status)}</span>;
}

/** What has become of a booking, with why. */
export function BookingChip({ booking }: { booking: Pick<Booking, 'status' | 'status_reason'> }) {
  const { status, status_reason: reason } = booking;
  return <span class={`chip ${kinds[status] ?? ''}`}>{word('booking', reason ? `${status}_${reason}` : status)}</span>;
}
