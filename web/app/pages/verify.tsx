import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { isApiError, unwrap } from '../../client/src/index.js';
import { me, rest, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Form, Submit } from '../ui/form.js';
import { homeOf } from '../ui/gate.js';
import { Bones, Loaded } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { Problem } from '../ui/problem.js';
import { say } from '../ui/toasts.js';

/** The link in the mail that a new address gets. */
export default function Verify() {
  const { query } = useLocation();
  const [state, setState] = useState<{ done: boolean; error?: unknown }>({ done: false });

  const verify = async () => {
    setState({ done: false });
    try {
      await unwrap(rest.POST('/api/auth/email/verify', { body: { token: query.token ?? '' } }));
      setState({ done: true });
      await refresh();
    } catch (error) {
      setState((former) => (former.done ? former : { done: false, error }));
    }
  };
  useEffect(() => void verify(), []);

  if (isApiError(state.error, 'AUTH_INVALID_MAIL_TOKEN')) return <Old />;

  return (
    <div class="narrow stack">
      <Heading title={t('verify.title')} />
      {state.done && (
        <div class="note good stack" role="status">
          <p>{t('verify.done')}</p>
          <p>
            <a class="button primary" href={homeOf(me.value?.role)}>
              {t('verify.on')}
            </a>
          </p>
        </div>
      )}
      {state.error !== undefined && <Problem error={state.error} retry={() => void verify()} />}
      {!state.done && state.error === undefined && <Bones heights={[5]} />}
    </div>
  );
}

/** Asks again about the person who is signed in, whose address may be confirmed by now; null if there is none. */
async function refresh() {
  if (me.peek()) session.update(await unwrap(rest.GET('/api/users/me')));
  return me.peek();
}

/** A link that was used or is too old: whose address is confirmed needs none, everybody else gets another one. */
function Old() {
  const person = useLoad(refresh, []);
  const resend = async () => {
    await unwrap(rest.POST('/api/auth/email/resend'));
    say(t('verify.resent'));
  };

  return (
    <div class="narrow stack">
      <Heading title={t('verify.title')} />
      <Loaded of={person} bones={[5]}>
        {(found) => (
          <div class={`note stack ${found?.email_verified_at ? 'good' : 'warn'}`} role="status">
            <p>{t(found?.email_verified_at ? 'verify.already' : 'verify.old')}</p>
            {found && !found.email_verified_at && (
              <Form onSubmit={resend}>
                <Submit>{t('verify.resend')}</Submit>
              </Form>
            )}
            <p>
              <a class="button" href={found ? homeOf(found.role) : '/login'}>
                {t(found ? 'verify.on' : 'nav.login')}
              </a>
            </p>
          </div>
        )}
      </Loaded>
    </div>
  );
}
