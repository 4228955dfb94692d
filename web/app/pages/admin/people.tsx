import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { unwrap } from '../../../client/src/index.js';
import { type Role, rest, type User } from '../../core/api.js';
import { moment } from '../../core/dates.js';
import { type Language, language, t, word } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { StatusChip } from '../../ui/badges.js';
import { Confirm } from '../../ui/confirm.js';
import { Field, Select } from '../../ui/fields.js';
import { raw, text } from '../../ui/form.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { say } from '../../ui/toasts.js';

const roles: Role[] = ['student', 'teacher', 'admin'];
const statuses = ['pending', 'active', 'suspended'] as const;

/** Everybody who has an account, and how somebody gets one. */
export default function People() {
  const { query, route } = useLocation();
  const [inviting, setInviting] = useState(false);
  const [pages, setPages] = useState(1);
  const role = roles.find((known) => known === query.role);
  const status = statuses.find((known) => known === query.status);
  const list = useLoad(async () => {
    const items: User[] = [];
    let cursor: string | null = null;
    const filter = { ...(role && { role }), ...(status && { status }), ...(query.q && { q: query.q }) };
    for (let page = 0; page < pages; page++) {
      const answer: { items: User[]; next_cursor: string | null } = await unwrap(
        rest.GET('/api/users', { params: { query: { limit: 50, ...filter, ...(cursor && { cursor }) } } }),
      );
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return { items, more: cursor !== null };
  }, [role, status, query.q, pages]);

  const choose = (name: string, value: string) => {
    const chosen = Object.entries({ ...query, [name]: value }).filter(([, some]) => some !== '');
    setPages(1);
    route(`/admin/people?${new URLSearchParams(chosen).toString()}`, true);
  };

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.people')}>
          <button type="button" class="button primary" onClick={() => setInviting(true)}>
            {t('people.invite')}
          </button>
        </Heading>
        <div class="filters" role="search">
          <label>
            {t('people.search')}
            <input type="search" defaultValue={query.q ?? ''} maxLength={100} onChange={(event) => choose('q', event.currentTarget.value.trim())} />
          </label>
          <Filter label={t('filter.role')} group="role" values={roles} value={role ?? ''} onChange={(value) => choose('role', value)} />
          <Filter label={t('filter.status')} group="status" values={[...statuses]} value={status ?? ''} onChange={(value) => choose('status', value)} />
        </div>
        <Loaded of={list} bones={[4, 4, 4, 4]}>
          {({ items, more }) => (
            <>
              {items.length === 0 && <p class="empty">{t('people.none')}</p>}
              <ul class="list card">
                {items.map((person) => (
                  <li key={person.id} class="row between">
                    <span>
                      <a href={`/admin/people/${person.id}`}>{person.full_name}</a>
                      <br />
                      <span class="soft small">
                        {person.email} · {t('people.since', { when: moment(person.created_at) })}
                      </span>
                    </span>
                    <span class="row">
                      <span class="chip">{word('role', person.role)}</span>
                      <StatusChip group="status" status={person.status} />
                    </span>
                  </li>
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
      {inviting && <Invite onDone={list.reload} onClose={() => setInviting(false)} />}
    </>
  );
}

function Filter({ label, group, values, value, onChange }: { label: string; group: string; values: string[]; value: string; onChange: (value: string) => void }) {
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t('filter.any')}</option>
        {values.map((known) => (
          <option key={known} value={known}>
            {word(group, known)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Invite({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const invite = async (data: FormData) => {
    const person = await unwrap(
      rest.POST('/api/users', {
        body: {
          email: text(data, 'email') ?? '',
          full_name: text(data, 'full_name') ?? '',
          role: raw(data, 'role') as Role,
          language: raw(data, 'language') as Language,
        },
      }),
    );
    say(t('people.invited', { email: person.email }));
    onDone();
  };

  return (
    <Confirm title={t('people.invite')} action={t('people.invite_send')} onConfirm={invite} onClose={onClose}>
      <p class="soft">{t('people.invite_text')}</p>
      <Field name="full_name" label={t('field.name')} maxLength={100} />
      <Field name="email" label={t('field.email')} type="email" autoComplete="off" />
      <Select name="role" label={t('filter.role')} hint={t('people.teacher_hint')} value="teacher" options={roles.map((value) => ({ value, label: word('role', value) }))} />
      <Select
        name="language"
        label={t('field.language')}
        value={language.value}
        options={[
          { value: 'id', label: 'Bahasa Indonesia' },
          { value: 'en', label: 'English' },
        ]}
      />
    </Confirm>
  );
}
