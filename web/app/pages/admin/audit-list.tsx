import { useState } from 'preact/hooks';
import { type components, unwrap } from '../../../client/src/index.js';
import { rest } from '../../core/api.js';
import { moment } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { Loaded } from '../../ui/loaded.js';
import { device } from '../profile-sessions.js';

type AuditEntry = components['schemas']['AuditEntry'];

export interface AuditFilter {
  user_id?: string;
  event?: components['schemas']['AuditEvent'];
}

/** What happened to accounts and bookings, newest first. */
export function AuditList({ filter }: { filter: AuditFilter }) {
  const [pages, setPages] = useState(1);
  const list = useLoad(async () => {
    const items: AuditEntry[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const answer: { items: AuditEntry[]; next_cursor: string | null } = await unwrap(
        rest.GET('/api/admin/audit', { params: { query: { limit: 50, ...filter, ...(cursor && { cursor }) } } }),
      );
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    return { items, more: cursor !== null };
  }, [JSON.stringify(filter), pages]);

  return (
    <Loaded of={list} bones={[3, 3, 3]}>
      {({ items, more }) => (
        <>
          {items.length === 0 && <p class="empty">{t('audit.none')}</p>}
          {items.length > 0 && (
            <div class="card scroll" tabIndex={0} role="group" aria-label={t('admin.audit')}>
              <table class="history">
                <thead>
                  <tr>
                    <th scope="col">{t('audit.when')}</th>
                    <th scope="col">{t('audit.what')}</th>
                    <th scope="col">{t('audit.who')}</th>
                    <th scope="col">{t('audit.where')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((entry) => (
                    <tr key={entry.id}>
                      <td class="nowrap numeric">{moment(entry.at)}</td>
                      <td>
                        {word('event', entry.event)}
                        {entry.details.reason && <span class="soft small"> “{entry.details.reason}”</span>}
                      </td>
                      <td>
                        <Who entry={entry} />
                      </td>
                      <td class="soft small">
                        {entry.ip}
                        {entry.user_agent && ` · ${device(entry.user_agent)}`}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {more && (
            <button type="button" class="button" onClick={() => setPages(pages + 1)}>
              {t('more')}
            </button>
          )}
        </>
      )}
    </Loaded>
  );
}

function Who({ entry }: { entry: AuditEntry }) {
  const { actor_id: actor, actor_name: actorName, user_id: user, user_name: userName } = entry;
  if (!actor && !user) return <span class="soft">–</span>;
  if (actor && user && actor !== user) {
    return (
      <>
        <Name id={actor} name={actorName} /> → <Name id={user} name={userName} />
      </>
    );
  }
  return <Name id={user ?? actor ?? ''} name={userName ?? actorName} />;
}

function Name({ id, name }: { id: string; name: string | null }) {
  return name ? <a href={`/admin/people/${id}`}>{name}</a> : <span class="soft">{t('audit.person')}</span>;
}
