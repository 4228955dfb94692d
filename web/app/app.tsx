import type { ComponentType } from 'preact';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import { useRef } from 'preact/hooks';
import type { Role } from './core/api.js';
import { travelling } from './core/travel.js';
import { Catalogue } from './pages/catalogue.js';
import { NotFound } from './pages/not-found.js';
import { Gate } from './ui/gate.js';
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
  { path: '/courses/:name', page: lazy(() => import('./pages/course.js')) },
  { path: '/register', page: lazy(() => import('./pages/register.js')) },
  { path: '/login', page: lazy(() => import('./pages/login.js')) },
  { path: '/forgot', page: lazy(() => import('./pages/forgot.js')) },
  { path: '/reset', page: lazy(() => import('./pages/reset.js')) },
  { path: '/verify', page: lazy(() => import('./pages/verify.js')) },
  { path: '/home', page: lazy(() => import('./pages/home.js')), roles: ['student'] },
  { path: '/bookings', page: lazy(() => import('./pages/bookings.js')), roles: ['student'] },
  { path: '/chat', page: lazy(() => import('./pages/chat.js')), roles: ['student', 'teacher'] },
  { path: '/profile', page: lazy(() => import('./pages/profile.js')), roles: people },
  { path: '/notifications', page: lazy(() => import('./pages/notifications.js')), roles: people },
  { path: '/teach', page: lazy(() => import('./pages/teach.js')), roles: ['teacher'] },
  { path: '/admin', page: lazy(() => import('./pages/admin/inbox.js')), roles: ['admin'] },
  { path: '/admin/calendar', page: lazy(() => import('./pages/admin/calendar.js')), roles: ['admin'] },
  { path: '/admin/bookings', page: lazy(() => import('./pages/admin/bookings.js')), roles: ['admin'] },
  { path: '/admin/people', page: lazy(() => import('./pages/admin/people.js')), roles: ['admin'] },
  { path: '/admin/people/:id', page: lazy(() => import('./pages/admin/person.js')), roles: ['admin'] },
  { path: '/admin/audit', page: lazy(() => import('./pages/admin/audit.js')), roles: ['admin'] },
  { path: '/admin/chat', page: lazy(() => import('./pages/admin/desk.js')), roles: ['admin'] },
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
