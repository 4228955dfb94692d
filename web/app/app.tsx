import type { ComponentType } from 'preact';
import { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import { useRef } from 'preact/hooks';
import type { Role } from './core/api.js';
import { travelling } from './core/travel.js';
import { Catalogue } from './pages/catalogue.js';
import { NotFound } from './pages/not-found.js';
import { Gate } from './ui/gate.js';
import { later } from './ui/later.js';
import { Layout } from './ui/layout.js';
import { Toasts } from './ui/toasts.js';

interface Place {
  path: string;
  page: ComponentType;
  /** Who may see it; nobody in particular if left out. */
  roles?: Role[];
}

const people: Role[] = ['student', 'teacher', 'admin'];

/** All pages; pages.json has the same paths for the server, and a test compares them. */
export const places: Place[] = [
  { path: '/', page: Catalogue },
  { path: '/courses/:name', page: later(() => import('./pages/course.js')) },
  { path: '/register', page: later(() => import('./pages/register.js')) },
  { path: '/login', page: later(() => import('./pages/login.js')) },
  { path: '/forgot', page: later(() => import('./pages/forgot.js')) },
  { path: '/reset', page: later(() => import('./pages/reset.js')) },
  { path: '/verify', page: later(() => import('./pages/verify.js')) },
  { path: '/home', page: later(() => import('./pages/home.js')), roles: ['student'] },
  { path: '/bookings', page: later(() => import('./pages/bookings.js')), roles: ['student'] },
  { path: '/chat', page: later(() => import('./pages/chat.js')), roles: ['student', 'teacher'] },
  { path: '/profile', page: later(() => import('./pages/profile.js')), roles: people },
  { path: '/notifications', page: later(() => import('./pages/notifications.js')), roles: people },
  { path: '/teach', page: later(() => import('./pages/teach.js')), roles: ['teacher'] },
  { path: '/admin', page: later(() => import('./pages/admin/inbox.js')), roles: ['admin'] },
  { path: '/admin/calendar', page: later(() => import('./pages/admin/calendar.js')), roles: ['admin'] },
  { path: '/admin/bookings', page: later(() => import('./pages/admin/bookings.js')), roles: ['admin'] },
  { path: '/admin/people', page: later(() => import('./pages/admin/people.js')), roles: ['admin'] },
  { path: '/admin/people/:id', page: later(() => import('./pages/admin/person.js')), roles: ['admin'] },
  { path: '/admin/audit', page: later(() => import('./pages/admin/audit.js')), roles: ['admin'] },
  { path: '/admin/chat', page: later(() => import('./pages/admin/desk.js')), roles: ['admin'] },
];

const routes = places.map(({ path, page, roles }) => ({ path, component: () => <Gate page={page} {...(roles && { roles })} /> }));

/** The whole website. */
export function App() {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // Whoever listens instead of looking hears the new page's heading; the first page is read from the top anyway.
  const arrived = () => {
    if (first.current) first.current = false;
    else {
      scrollTo(0, 0);
      main.current?.focus();
    }
  };

  return (
    <LocationProvider>
      <Layout>
        <main class="page" id="main" tabIndex={-1} ref={main}>
          <ErrorBoundary onError={(error) => console.error(error)}>
            <Router onRouteChange={arrived} onLoadStart={() => (travelling.value = true)} onLoadEnd={() => (travelling.value = false)}>
              {routes.map(({ path, component }) => (
                <Route key={path} path={path} component={component} />
              ))}
              <Route default component={NotFound} />
            </Router>
          </ErrorBoundary>
        </main>
      </Layout>
      <Toasts />
    </LocationProvider>
  );
}
