import { useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import { me, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { agree } from '../core/language.js';
import { destination } from '../core/next.js';
import { Field, Password } from '../ui/fields.js';
import { Form, raw, Submit, text } from '../ui/form.js';
import { Heading } from '../ui/page.js';

export default function Login() {
  const { query, route } = useLocation();
  const person = me.value;

  useEffect(() => {
    if (person) route(destination(person, query.next), true);
  }, [person]);

  const send = async (data: FormData) => {
    await session.login(text(data, 'email') ?? '', raw(data, 'password'));
    await agree().catch(() => undefined);
  };

  return (
    <div class="narrow stack">
      <Heading title={t('login.title')} />
      <div class="card stack">
        <Form onSubmit={send}>
          <Field name="email" label={t('field.email')} type="email" autoComplete="username" inputMode="email" />
          <Password name="password" label={t('field.password')} autoComplete="current-password" />
          <Submit>{t('login.send')}</Submit>
        </Form>
        <p>
          <a href="/forgot">{t('login.forgot')}</a>
        </p>
      </div>
      <p>
        {t('login.new')} <a href={query.next ? `/register?next=${encodeURIComponent(query.next)}` : '/register'}>{t('nav.register')}</a>
      </p>
    </div>
  );
}
