import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { rest } from '../core/api.js';
import { t } from '../core/i18n.js';
import { Confirm } from './confirm.js';
import { sentence } from './problem.js';
import { say } from './toasts.js';

/** A secret address with which a phone's or computer's own calendar shows the lessons. */
export function CalendarAddress() {
  const [url, setUrl] = useState<string>();
  const [asking, setAsking] = useState(false);

  const create = async () => setUrl((await unwrap(rest.POST('/api/users/me/calendar'))).url);
  const remove = () =>
    unwrap(rest.DELETE('/api/users/me/calendar')).then(
      () => {
        setUrl(undefined);
        say(t('calendar.deleted'));
      },
      (error: unknown) => say(sentence(error)),
    );
  const copy = (text: string) =>
    void navigator.clipboard.writeText(text).then(
      () => say(t('copied')),
      () => undefined,
    );

  return (
    <section class="card stack" aria-labelledby="calendar-address">
      <h2 id="calendar-address">{t('calendar.title')}</h2>
      <p class="soft">{t('calendar.text')}</p>
      {url && (
        <div class="row">
          <code>{url}</code>
          {'clipboard' in navigator && (
            <button type="button" class="button" onClick={() => copy(url)}>
              {t('copy')}
            </button>
          )}
        </div>
      )}
      <div class="row">
        <button type="button" class="button" onClick={() => setAsking(true)}>
          {t('calendar.create')}
        </button>
        <button type="button" class="button quiet" onClick={() => void remove()}>
          {t('calendar.delete')}
        </button>
      </div>
      {asking && (
        <Confirm title={t('calendar.create')} action={t('calendar.create')} onConfirm={create} onClose={() => setAsking(false)}>
          <p>{t('calendar.warning')}</p>
        </Confirm>
      )}
    </section>
  );
}
