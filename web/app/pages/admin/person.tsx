import { Fragment } from 'preact';
import { useLocation, useRoute } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { unwrap } from '../../../client/src/index.js';
import { type Booking, me, orNull, type Role, rest, type User } from '../../core/api.js';
import { moment } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { StatusChip } from '../../ui/badges.js';
import { Confirm } from '../../ui/confirm.js';
import { Select, TextArea } from '../../ui/fields.js';
import { Form, raw, Submit, text } from '../../ui/form.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { say } from '../../ui/toasts.js';
import { NotFound } from '../not-found.js';
import { AuditList } from './audit-list.js';
import { Entry } from './bookings.js';
import { Revoke } from './revoke.js';

/** One person: what they may do, what they have booked, and what happened to their account. */
export default function Person() {
  const id = useRoute().params.id ?? '';
  const person = useLoad(() => orNull(rest.GET('/api/users/{id}', { params: { path: { id } } })), [id]);

  if (person.data === null) return <NotFound />;
  return (
    <>
      <Subnav />
      <div class="stack loose">
        <Loaded of={person} bones={[3, 10, 14]}>
          {(found) =>
            found && (
              <>
                <Heading title={found.full_name}>
                  <StatusChip group="status" status={found.status} />
                </Heading>
                <div class="columns">
                  <Facts person={found} />
                  <Access person={found} onChange={person.replace} />
                </div>
                <Bookings userId={found.id} />
                <section class="stack" aria-labelledby="history">
                  <h2 id="history">{t('person.history')}</h2>
                  <AuditList filter={{ user_id: found.id }} />
                </section>
              </>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

function Facts({ person }: { person: User }) {
  const rows: [string, string | null][] = [
    [t('filter.role'), word('role', person.role)],
    [t('field.phone'), person.phone],
    [t('field.language'), person.language === 'id' ? 'Bahasa Indonesia' : 'English'],
    [t('person.since'), moment(person.created_at)],
    [t('person.last_login'), person.last_login_at && moment(person.last_login_at)],
    [t('field.experience'), word('level', person.experience_level)],
    [t('field.goal'), word('goal', person.learning_goal)],
    [t('field.instruments'), person.preferred_instruments.map((name) => word('instrument', name)).join(', ')],
    [t('field.days'), person.available_days.map((day) => word('weekday', day)).join(', ')],
  ];

  return (
    <section class="card stack" aria-labelledby="facts">
      <h2 id="facts">{t('profile.about')}</h2>
      <dl class="facts">
        <dt>{t('field.email')}</dt>
        <dd>
          <a href={`mailto:${person.email}`}>{person.email}</a>
          {!person.email_verified_at && <span class="chip warn">{t('profile.unverified')}</span>}
        </dd>
        {rows.map(
          ([name, value]) =>
            value && (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </Fragment>
            ),
        )}
      </dl>
    </section>
  );
}

function Access({ person, onChange }: { person: User; onChange: (person: User) => void }) {
  const [asking, setAsking] = useState<'suspend' | 'erase'>();
  const { route } = useLocation();
  const own = person.id === me.value?.id;

  const update = async (body: { role?: Role; status?: User['status'] }) => {
    onChange(await unwrap(rest.PATCH('/api/users/{id}', { params: { path: { id: person.id } }, body })));
    say(t('saved'));
  };
  const erase = async (data: FormData) => {
    await unwrap(rest.DELETE('/api/users/{id}', { params: { path: { id: person.id } }, body: { reason: text(data, 'reason') ?? '' } }));
    say(t('person.erased'));
    route('/admin/people');
  };

  if (own) return <p class="note">{t('person.own')}</p>;
  return (
    <section class="card stack" aria-labelledby="access">
      <h2 id="access">{t('person.access')}</h2>
      <Form onSubmit={(data) => update({ role: raw(data, 'role') as Role })}>
        <Select
          name="role"
          label={t('filter.role')}
          hint={t('person.role_hint')}
          value={person.role}
          options={(['student', 'teacher', 'admin'] as const).map((value) => ({ value, label: word('role', value) }))}
        />
        <div class="row">
          <Submit kind="">{t('save')}</Submit>
        </div>
      </Form>
      <Form onSubmit={() => update({ status: 'active' })}>
        <div class="row">
          {person.status !== 'active' && <Submit>{t('person.activate')}</Submit>}
          {person.status !== 'suspended' && (
            <button type="button" class="button danger" onClick={() => setAsking('suspend')}>
              {t('person.suspend')}
            </button>
          )}
          <button type="button" class="button danger" onClick={() => setAsking('erase')}>
            {t('person.erase')}
          </button>
        </div>
      </Form>
      {asking === 'suspend' && (
        <Confirm danger title={t('person.suspend')} action={t('person.suspend')} onConfirm={() => update({ status: 'suspended' })} onClose={() => setAsking(undefined)}>
          <p>{t('person.suspend_text', { name: person.full_name })}</p>
        </Confirm>
      )}
      {asking === 'erase' && (
        <Confirm danger title={t('person.erase')} action={t('person.erase')} onConfirm={erase} onClose={() => setAsking(undefined)}>
          <p>{t('person.erase_text', { name: person.full_name })}</p>
          <TextArea name="reason" label={t('field.reason')} maxLength={500} />
        </Confirm>
      )}
    </section>
  );
}

function Bookings({ userId }: { userId: string }) {
  const list = useLoad(async () => (await unwrap(rest.GET('/api/bookings', { params: { query: { user_id: userId, limit: 100 } } }))).items, [userId]);
  const [revoking, setRevoking] = useState<Booking>();

  return (
    <section class="stack" aria-labelledby="bookings">
      <h2 id="bookings">{t('admin.bookings')}</h2>
      <Loaded of={list} bones={[5, 5]}>
        {(items) => (
          <>
            {items.length === 0 && <p class="empty">{t('bookings.no_such')}</p>}
            <ul class="stack">
              {items.map((booking) => (
                <Entry key={booking.id} booking={booking} onRevoke={() => setRevoking(booking)} />
              ))}
            </ul>
          </>
        )}
      </Loaded>
      {revoking && <Revoke booking={revoking} onDone={list.reload} onClose={() => setRevoking(undefined)} />}
    </section>
  );
}
