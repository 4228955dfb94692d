import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { me, rest, session, type User } from '../core/api.js';
import { type Language, speak, t } from '../core/i18n.js';
import { Field, Password, Select } from '../ui/fields.js';
import { Form, raw, Submit, text } from '../ui/form.js';
import { Heading } from '../ui/page.js';
import { PreferenceFields, preferencesOf } from '../ui/preferences.js';
import { say } from '../ui/toasts.js';
import { Leaving } from './profile-leaving.js';
import { Sessions } from './profile-sessions.js';

/** What the school knows of a person, and what that person decides about it. */
export default function Profile() {
  const { route } = useLocation();
  const person = me.value;
  if (!person) return null;

  const signOut = () => void session.logout().then(() => route('/'));
  return (
    <div class="stack loose">
      <Heading title={t('nav.profile')}>
        <button type="button" class="button" onClick={signOut}>
          {t('logout')}
        </button>
      </Heading>
      <div class="columns">
        <div class="stack">
          <About person={person} />
        </div>
        <div class="stack">
          <Email person={person} />
          <NewPassword />
          <Sessions />
          <Leaving />
        </div>
      </div>
    </div>
  );
}

function About({ person }: { person: User }) {
  const save = async (data: FormData) => {
    const language = raw(data, 'language') as Language;
    const changed = await unwrap(
      rest.PATCH('/api/users/me', {
        body: {
          full_name: text(data, 'full_name') ?? '',
          phone: text(data, 'phone') ?? null,
          language,
          email_notifications: data.get('email_notifications') !== null,
          ...(person.role === 'student' && preferencesOf(data)),
        },
      }),
    );
    session.update(changed);
    await speak(language);
    say(t('saved'));
  };

  return (
    <section class="card stack" aria-labelledby="about">
      <h2 id="about">{t('profile.about')}</h2>
      <Form onSubmit={save}>
        <Field name="full_name" label={t('field.name')} defaultValue={person.full_name} autoComplete="name" maxLength={100} />
        <Field name="phone" label={t('field.phone')} hint={t('field.phone_hint')} type="tel" defaultValue={person.phone ?? ''} autoComplete="tel" optional />
        <Select
          name="language"
          label={t('field.language')}
          value={person.language}
          options={[
            { value: 'id', label: 'Bahasa Indonesia' },
            { value: 'en', label: 'English' },
          ]}
        />
        <label class="check">
          <input type="checkbox" name="email_notifications" defaultChecked={person.email_notifications} /> {t('field.mails')}
        </label>
        {person.role === 'student' && <PreferenceFields of={person} />}
        <Submit>{t('save')}</Submit>
      </Form>
    </section>
  );
}

function Email({ person }: { person: User }) {
  const [sent, setSent] = useState<string>();
  const change = async (data: FormData) => {
    const address = text(data, 'new_email') ?? '';
    await unwrap(rest.POST('/api/auth/email', { body: { new_email: address, current_password: raw(data, 'current_password') } }));
    setSent(address);
  };
  const resend = async () => {
    await unwrap(rest.POST('/api/auth/email/resend'));
    say(t('verify.resent'));
  };

  return (
    <section class="card stack" aria-labelledby="email">
      <h2 id="email">{t('field.email')}</h2>
      <p class="row">
        <span>{person.email}</span>
        <span class={`chip ${person.email_verified_at ? 'good' : 'warn'}`}>{person.email_verified_at ? t('profile.verified') : t('profile.unverified')}</span>
      </p>
      {!person.email_verified_at && (
        <Form onSubmit={resend}>
          <Submit kind="">{t('verify.resend')}</Submit>
        </Form>
      )}
      {sent && (
        <p class="note good" role="status">
          {t('profile.email_sent', { email: sent })}
        </p>
      )}
      <details>
        <summary>{t('profile.email_change')}</summary>
        <Form onSubmit={change}>
          <Field name="new_email" label={t('field.new_email')} type="email" autoComplete="email" />
          <Password name="current_password" label={t('field.current_password')} autoComplete="current-password" />
          <Submit>{t('profile.email_change')}</Submit>
        </Form>
      </details>
    </section>
  );
}

function NewPassword() {
  const [turn, setTurn] = useState(0);
  const change = async (data: FormData) => {
    await unwrap(
      rest.POST('/api/auth/password', {
        body: { current_password: raw(data, 'current_password'), new_password: raw(data, 'new_password') },
      }),
    );
    say(t('profile.password_done'));
    setTurn(turn + 1);
  };

  return (
    <section class="card stack" aria-labelledby="password">
      <h2 id="password">{t('field.password')}</h2>
      <p class="soft">{t('profile.password_text')}</p>
      <Form key={turn} onSubmit={change}>
        <Password name="current_password" label={t('field.current_password')} autoComplete="current-password" />
        <Password name="new_password" label={t('field.new_password')} hint={t('field.password_hint')} autoComplete="new-password" />
        <Submit>{t('profile.password_send')}</Submit>
      </Form>
    </section>
  );
}
