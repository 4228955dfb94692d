import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import { me } from '../core/api.js';
import { t } from '../core/i18n.js';
import { unreadMessages, unreadNotifications } from '../core/live.js';
import { online } from '../core/online.js';
import { settings } from '../core/settings.js';
import { busy } from '../core/travel.js';
import { homeOf } from './gate.js';
import { Icon, type IconName } from './icons.js';
import { LanguageSwitch, ThemeSwitch } from './switches.js';

interface Item {
  href: string;
  icon: IconName;
  label: string;
  count?: number;
}

/** The pages without an account; who is on the way to another page goes on to it from either. */
function strangers(next: string | undefined): Item[] {
  const onTheWay = next ? `?next=${encodeURIComponent(next)}` : '';
  return [
    { href: `/login${onTheWay}`, icon: 'in', label: t('nav.login') },
    { href: `/register${onTheWay}`, icon: 'person', label: t('nav.register') },
  ];
}

function items(next: string | undefined): Item[] {
  const bell: Item = { href: '/notifications', icon: 'bell', label: t('nav.notifications'), count: unreadNotifications.value };
  const own: Item = { href: '/profile', icon: 'person', label: t('nav.profile') };
  const chat: Item = { href: '/chat', icon: 'chat', label: t('nav.chat'), count: unreadMessages.value };
  const courses: Item = { href: '/', icon: 'courses', label: t('nav.courses') };

  switch (me.value?.role) {
    case 'student':
      return [{ href: '/home', icon: 'home', label: t('nav.home') }, courses, { href: '/bookings', icon: 'bookings', label: t('nav.bookings') }, chat, bell, own];
    case 'teacher':
      return [{ href: '/teach', icon: 'bookings', label: t('nav.teach') }, courses, chat, bell, own];
    case 'admin':
      return [
        { href: '/admin', icon: 'inbox', label: t('nav.admin') },
        { href: '/admin/calendar', icon: 'bookings', label: t('nav.calendar') },
        { href: '/admin/people', icon: 'people', label: t('nav.people') },
        { ...chat, href: '/admin/chat' },
        bell,
        own,
      ];
    default:
      return [courses, ...strangers(next)];
  }
}

function Links() {
  const { path, query } = useLocation();
  return (
    <>
      {items(query.next).map(({ href, icon, label, count }) => (
        <a key={href} href={href} aria-current={path === href.split('?')[0] ? 'page' : undefined}>
          <Icon name={icon} />
          <span>{label}</span>
          {count ? (
            <span class="count">
              {count}
              <span class="unseen"> {t('nav.unread')}</span>
            </span>
          ) : null}
        </a>
      ))}
    </>
  );
}

/** Shown while something is on its way that takes longer than a moment. */
function Progress() {
  return busy.value ? <div class="travel" role="progressbar" aria-label={t('loading')} /> : null;
}

/** What surrounds every page: the way around at the top, on a phone also at the bottom, and how to reach the school. */
export function Layout({ children }: { children: ComponentChildren }) {
  const { brand, logo } = settings;

  return (
    <>
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <header class="top">
        <Progress />
        <div class="top-in">
          <a class="brand" href={homeOf(me.value?.role)}>
            <img src={logo} width="36" height="36" alt="" />
            <span>{brand.name}</span>
          </a>
          <nav class="nav main" aria-label={t('nav.label')}>
            <Links />
          </nav>
          <div class="nav">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </div>
      </header>
      {!online.value && (
        <p class="banner" role="status">
          {t('problem.offline')}
        </p>
      )}
      {children}
      <footer class="foot">
        <div>
          <span>{brand.name}</span>
          {brand.contact.address && <span>{brand.contact.address}</span>}
          {brand.contact.phone && <a href={`tel:${brand.contact.phone.replace(/[^+\d]/g, '')}`}>{brand.contact.phone}</a>}
          {brand.contact.email && <a href={`mailto:${brand.contact.email}`}>{brand.contact.email}</a>}
        </div>
      </footer>
      <nav class="tabbar" aria-label={t('nav.label')}>
        <Links />
      </nav>
    </>
  );
}
