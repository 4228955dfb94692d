import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { isApiError, unwrap } from '../../client/src/index.js';
import { rest, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Password } from '../ui/fields.js';
import { Form, raw, Submit } from '../ui/form.js';
import { Heading } from '../ui/page.js';

/** The link in mails to who forgot their password, and to who was invited. */
export default function Reset() {
  const { query } = useLocation();
  const [done, setDone] = useState(false);
  const [old, setOld] = useState(false);
  const usable = query.token && !old;
  const send = async (data: FormData) => {
    try {
      await unwrap(rest.POST('/api/auth/password/reset', { body: { token: query.token ?? '', new_password: raw(data, 'new_password') } }));
    } catch (error) {
      if (!isApiError(error, 'AUTH_INVALID_MAIL_TOKEN')) throw error;
      return setOld(true);
    }
    session.end();
    setDone(true);
  };

  return (
    <div class="narrow stack">
      <Heading title={t('reset.title')} />
      {done && (
        <div class="note good stack" role="status">
          <p>{t('reset.done')}</p>
          <p>
            <a class="button primary" href="/login">
              {t('nav.login')}
            </a>
          </p>
        </div>
      )}
      {!done && usable && (
        <div class="card">
          <Form onSubmit={send}>
            <Password name="new_password" label={t('field.new_password')} hint={t('field.password_hint')} autoComplete="new-password" />
            <Submit>{t('reset.send')}</Submit>
          </Form>
        </div>
      )}
      {!done && !usable && (
        <p class="note warn" role="status">
          {t(old ? 'reset.old' : 'reset.incomplete')} <a href="/forgot">{t('forgot.title')}</a>
        </p>
      )}
    </div>
  );
}
