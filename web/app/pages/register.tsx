import { useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import { me, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { destination } from '../core/next.js';
import { Field, Password } from '../ui/fields.js';
import { Form, raw, Submit, text } from '../ui/form.js';
import { Heading } from '../ui/page.js';
import { PreferenceFields, preferencesOf } from '../ui/preferences.js';

export default function Register() {
  const { query, route } = useLocation();
  const person = me.value;

  useEffect(() => {
    if (person) route(destination(person, query.next), true);
  }, [person]);

  const send = (data: FormData) => {
    const phone = text(data, 'phone');
    return session.register({
      email: text(data, 'email') ?? '',
      password: raw(data, 'password'),
      full_name: text(data, 'full_name') ?? '',
      ...(phone && { phone }),
      ...preferencesOf(data),
    });
  };

  return (
    <div class="narrow stack">
      <Heading title={t('register.title')} />
      <p class="soft">{t('register.text')}</p>
      <div class="card">
        <Form onSubmit={send}>
          <Field name="full_name" label={t('field.name')} autoComplete="name" maxLength={100} />
          <Field name="email" label={t('field.email')} type="email" autoComplete="username" inputMode="email" />
          <Password name="password" label={t('field.password')} hint={t('field.password_hint')} autoComplete="new-password" />
          <Field name="phone" label={t('field.phone')} hint={t('field.phone_hint')} type="tel" autoComplete="tel" optional />
          <h2>{t('register.preferences')}</h2>
          <p class="soft small">{t('register.preferences_text')}</p>
          <PreferenceFields />
          <Submit>{t('register.send')}</Submit>
        </Form>
      </div>
      <p>
        {t('register.known')} <a href={query.next ? `/login?next=${encodeURIComponent(query.next)}` : '/login'}>{t('nav.login')}</a>
      </p>
    </div>
  );
}
