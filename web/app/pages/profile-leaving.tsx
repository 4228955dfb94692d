import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { rest, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Confirm } from '../ui/confirm.js';
import { Password } from '../ui/fields.js';
import { Form, raw, Submit } from '../ui/form.js';
import { say } from '../ui/toasts.js';

/** A copy of everything, and the end of the account. */
export function Leaving() {
  const { route } = useLocation();
  const [leaving, setLeaving] = useState(false);

  const download = async () => {
    const everything = await unwrap(rest.GET('/api/users/me/export'));
    const url = URL.createObjectURL(new Blob([JSON.stringify(everything, null, 2)], { type: 'application/json' }));
    Object.assign(document.createElement('a'), { href: url, download: 'shema-export.json' }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  const leave = async (data: FormData) => {
    await unwrap(rest.DELETE('/api/users/me', { body: { current_password: raw(data, 'current_password') } }));
    session.end();
    say(t('leave.done'));
    route('/');
  };

  return (
    <section class="card stack" aria-labelledby="data">
      <h2 id="data">{t('leave.data')}</h2>
      <p class="soft">{t('leave.export_text')}</p>
      <Form onSubmit={download}>
        <Submit kind="">{t('leave.export')}</Submit>
      </Form>
      <p class="soft">{t('leave.text')}</p>
      <p>
        <button type="button" class="button danger" onClick={() => setLeaving(true)}>
          {t('leave.start')}
        </button>
      </p>
      {leaving && (
        <Confirm danger title={t('leave.start')} action={t('leave.send')} onConfirm={leave} onClose={() => setLeaving(false)}>
          <p>{t('leave.warning')}</p>
          <Password name="current_password" label={t('field.current_password')} autoComplete="current-password" />
        </Confirm>
      )}
    </section>
  );
}
