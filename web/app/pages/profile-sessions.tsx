import { useLocation } from 'preact-iso/router';
import { unwrap } from '../../client/src/index.js';
import { rest, session } from '../core/api.js';
import { moment } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Loaded } from '../ui/loaded.js';
import { sentence } from '../ui/problem.js';
import { say } from '../ui/toasts.js';

/** A browser and system as people name them, of what a browser says of itself. */
export function device(agent: string): string {
  const first = (names: string[]) => names.find((name) => agent.includes(name));
  const browser = first(['Edg/', 'Firefox', 'Chrome', 'Safari'])?.replace('Edg/', 'Edge');
  const system = first(['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS X', 'Linux']);
  return [browser, system].filter(Boolean).join(' · ') || agent || t('sessions.unknown');
}

/** Where a person is signed in. */
export function Sessions() {
  const { route } = useLocation();
  const list = useLoad(async () => (await unwrap(rest.GET('/api/auth/sessions'))).items, []);

  const end = (id: string, current: boolean) =>
    void unwrap(rest.DELETE('/api/auth/sessions/{id}', { params: { path: { id } } })).then(
      () => {
        if (!current) return list.reload();
        session.end();
        route('/');
      },
      (error: unknown) => say(sentence(error)),
    );
  const endAll = () =>
    void unwrap(rest.POST('/api/auth/logout-all')).then(
      () => {
        session.end();
        route('/login');
      },
      (error: unknown) => say(sentence(error)),
    );

  return (
    <section class="card stack" aria-labelledby="sessions">
      <h2 id="sessions">{t('sessions.title')}</h2>
      <Loaded of={list} bones={[3, 3]}>
        {(items) => (
          <ul class="list">
            {items.map((item) => (
              <li key={item.id} class="row between">
                <span>
                  <strong>{device(item.user_agent)}</strong> {item.current && <span class="chip good">{t('sessions.current')}</span>}
                  <br />
                  <span class="soft small">
                    {item.ip} · {t('sessions.used', { when: moment(item.last_used_at) })}
                  </span>
                </span>
                <button type="button" class="button" onClick={() => end(item.id, item.current)}>
                  {t('sessions.end')}
                  <span class="unseen">: {device(item.user_agent)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <p>
        <button type="button" class="button" onClick={endAll}>
          {t('sessions.end_all')}
        </button>
      </p>
    </section>
  );
}
