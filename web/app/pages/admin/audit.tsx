import { useLocation } from 'preact-iso/router';
import { t, word } from '../../core/i18n.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { type AuditFilter, AuditList } from './audit-list.js';

type Event = NonNullable<AuditFilter['event']>;

const events: Event[] = [
  'registered',
  'login',
  'login_failed',
  'login_locked',
  'login_suspended',
  'refresh_reused',
  'logout',
  'logout_all',
  'session_ended',
  'password_changed',
  'password_forgotten',
  'password_reset',
  'email_verified',
  'email_changed',
  'invited',
  'access_changed',
  'exported',
  'erased',
  'booking_created',
  'booking_confirmed',
  'booking_rejected',
  'booking_expired',
  'booking_cancelled',
  'booking_revoked',
  'booking_rescheduled',
];

/** What happened to accounts and bookings. */
export default function Audit() {
  const { query, route } = useLocation();
  const event = events.find((known) => known === query.event);

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.audit')} />
        <div class="filters">
          <label>
            {t('audit.what')}
            <select value={event ?? ''} onChange={({ currentTarget: { value } }) => route(value ? `/admin/audit?event=${value}` : '/admin/audit', true)}>
              <option value="">{t('filter.any')}</option>
              {events.map((known) => (
                <option key={known} value={known}>
                  {word('event', known)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <AuditList filter={{ ...(event && { event }) }} />
      </div>
    </>
  );
}
