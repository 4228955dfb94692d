import { useEffect, useRef, useState } from 'preact/hooks';
import { unwrap } from '../../../client/src/index.js';
import { type Booking, type Dashboard, rest } from '../../core/api.js';
import { t } from '../../core/i18n.js';
import { news } from '../../core/live.js';
import { useLoad } from '../../core/load.js';
import { Confirm } from '../../ui/confirm.js';
import { TextArea } from '../../ui/fields.js';
import { text } from '../../ui/form.js';
import { later } from '../../ui/later.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { sentence } from '../../ui/problem.js';
import { Subnav } from '../../ui/subnav.js';
import { say } from '../../ui/toasts.js';
import { RequestCard } from './request.js';
import { Revoke } from './revoke.js';

const Charts = later(() => import('./charts.js'));

/** What waits for a decision, and how the school is doing. */
export default function Inbox() {
  const dashboard = useLoad(() => unwrap(rest.GET('/api/admin/dashboard')), [news.value]);
  const pending = useLoad(() => waiting(dashboard.data), [dashboard.data]);
  const [rejecting, setRejecting] = useState<Booking>();
  const [revoking, setRevoking] = useState<Booking>();
  const requests = useWalk();

  const confirm = async (booking: Booking, slotId: string) => {
    try {
      const decided = await unwrap(rest.POST('/api/bookings/{id}/confirm', { params: { path: { id: booking.id } }, body: { slot_id: slotId } }));
      say(t('inbox.confirmed', { name: booking.user?.full_name ?? '' }), { label: t('inbox.take_back'), run: () => setRevoking({ ...booking, ...decided }) });
    } catch (error) {
      say(sentence(error));
    }
    dashboard.reload();
  };
  const reject = async (data: FormData) => {
    if (!rejecting) return;
    const reason = text(data, 'reason');
    await unwrap(rest.POST('/api/bookings/{id}/reject', { params: { path: { id: rejecting.id } }, body: { ...(reason && { reason }) } }));
    say(t('inbox.rejected', { name: rejecting.user?.full_name ?? '' }));
    dashboard.reload();
  };

  return (
    <>
      <Subnav />
      <div class="stack loose">
        <Heading title={t('admin.inbox')} />
        <Loaded of={dashboard} bones={[5.5]}>
          {({ stats, degraded }) => (
            <>
              {degraded.length > 0 && <p class="note warn">{t('inbox.degraded', { services: degraded.join(', ') })}</p>}
              <div class="stats">
                {(['pending_bookings', 'unanswered_chats', 'active_chats', 'total_students', 'courses_available'] as const).map((name) => (
                  <div class="card stat" key={name}>
                    <strong class="numeric">{stats[name] ?? '–'}</strong>
                    <span class="soft small">{t(`stat.${name}`)}</span>
                  </div>
                ))}
              </div>
            </>
          )}
        </Loaded>
        <section class="stack" aria-labelledby="pending">
          <h2 id="pending">{t('inbox.title')}</h2>
          <p class="soft small keys">
            <kbd>J</kbd> <kbd>K</kbd> {t('inbox.keys_move')} · <kbd>1</kbd> <kbd>2</kbd> {t('inbox.keys_confirm')} · <kbd>R</kbd> {t('inbox.keys_reject')}
          </p>
          <Loaded of={pending} bones={[11, 11]}>
            {(list) => (
              <>
                {list.length === 0 && <p class="empty">{t('inbox.none')}</p>}
                <ul class="stack" ref={requests}>
                  {list.map((booking) => (
                    <li key={booking.id}>
                      <RequestCard booking={booking} onConfirm={(slot) => confirm(booking, slot)} onReject={() => setRejecting(booking)} />
                    </li>
                  ))}
                </ul>
              </>
            )}
          </Loaded>
        </section>
        <Charts />
      </div>
      {rejecting && (
        <Confirm danger title={t('reject.title')} action={t('reject.send')} onConfirm={reject} onClose={() => setRejecting(undefined)}>
          <p>{t('reject.text', { name: rejecting.user?.full_name ?? '' })}</p>
          <TextArea name="reason" label={t('field.reason')} maxLength={500} optional />
        </Confirm>
      )}
      {revoking && <Revoke booking={revoking} onDone={dashboard.reload} onClose={() => setRevoking(undefined)} />}
    </>
  );
}

/** The requests that the dashboard lists, once it is there; where it could not, the list itself says why. */
async function waiting(dashboard: Dashboard | undefined): Promise<Booking[]> {
  if (!dashboard) return new Promise(() => undefined);
  return dashboard.pendingBookings ?? (await unwrap(rest.GET('/api/bookings/pending', { params: { query: { limit: 100 } } }))).items;
}

/** J and K go to the next and the former request of the list, from anywhere on the page where nothing is written. */
function useWalk() {
  const requests = useRef<HTMLUListElement>(null);

  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      const elsewhere = event.target instanceof Element && event.target.closest('input, textarea, select, dialog');
      if (!['j', 'k'].includes(key) || elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;

      const cards = [...(requests.current?.querySelectorAll<HTMLElement>('.request') ?? [])];
      const now = cards.findIndex((card) => card.contains(document.activeElement));
      cards[now + (key === 'j' ? 1 : -1)]?.focus();
    };

    document.addEventListener('keydown', walk);
    return () => document.removeEventListener('keydown', walk);
  }, []);

  return requests;
}
