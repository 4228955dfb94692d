import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { rest } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Field } from '../ui/fields.js';
import { Form, Submit, text } from '../ui/form.js';
import { Heading } from '../ui/page.js';

export default function Forgot() {
  const [sent, setSent] = useState(false);
  const send = async (data: FormData) => {
    await unwrap(rest.POST('/api/auth/password/forgot', { body: { email: text(data, 'email') ?? '' } }));
    setSent(true);
  };

  return (
    <div class="narrow stack">
      <Heading title={t('forgot.title')} />
      {sent ? (
        <p class="note good" role="status">
          {t('forgot.sent')}
        </p>
      ) : (
        <div class="card stack">
          <p>{t('forgot.text')}</p>
          <Form onSubmit={send}>
            <Field name="email" label={t('field.email')} type="email" autoComplete="username" inputMode="email" />
            <Submit>{t('forgot.send')}</Submit>
          </Form>
        </div>
      )}
      <p>
        <a href="/login">{t('nav.login')}</a>
      </p>
    </div>
  );
}
