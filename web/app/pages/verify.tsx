import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { me, rest, session } from '../core/api.js';
import { t } from '../core/i18n.js';
import { homeOf } from '../ui/gate.js';
import { Bones } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { Problem } from '../ui/problem.js';

/** The link in the mail that a new address gets. */
export default function Verify() {
  const { query } = useLocation();
  const [state, setState] = useState<{ done: boolean; error?: unknown }>({ done: false });

  const verify = async () => {
    setState({ done: false });
    try {
      await unwrap(rest.POST('/api/auth/email/verify', { body: { token: query.token ?? '' } }));
      setState({ done: true });
      if (me.peek()) session.update(await unwrap(rest.GET('/api/users/me')));
    } catch (error) {
      setState((former) => (former.done ? former : { done: false, error }));
    }
  };
  useEffect(() => void verify(), []);

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
