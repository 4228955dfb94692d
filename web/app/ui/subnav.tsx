import { useLocation } from 'preact-iso/router';
import type { Key } from '../core/i18n.js';
import { t } from '../core/i18n.js';
import { unreadMessages } from '../core/live.js';

const entries: [string, Key][] = [
  ['/admin', 'admin.inbox'],
  ['/admin/calendar', 'admin.calendar'],
  ['/admin/bookings', 'admin.bookings'],
  ['/admin/people', 'admin.people'],
  ['/admin/chat', 'admin.chat'],
  ['/admin/audit', 'admin.audit'],
];

/** The rooms of the school's office. */
export function Subnav() {
  const { path } = useLocation();
  return (
    <nav class="subnav" aria-label={t('nav.admin')}>
      {entries.map(([href, key]) => (
        <a key={href} href={href} aria-current={path === href || (href === '/admin/people' && path.startsWith(href)) ? 'page' : undefined}>
          {t(key)}
          {href === '/admin/chat' && unreadMessages.value > 0 && <span class="count">{unreadMessages.value}</span>}
        </a>
      ))}
    </nav>
  );
}
