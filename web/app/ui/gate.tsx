import type { ComponentType } from 'preact';
import { useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import { me, type Role } from '../core/api.js';
import { NotFound } from '../pages/not-found.js';

/** Shows a page to those whom it is for; who isn't signed in is asked to, and comes back. */
export function Gate({ page: Page, roles }: { page: ComponentType; roles?: Role[] }) {
  const { url, route } = useLocation();
  const person = me.value;
  const missing = roles !== undefined && !person;

  useEffect(() => {
    if (missing) route(`/login?next=${encodeURIComponent(url)}`, true);
  }, [missing]);

  if (missing) return null;
  if (roles && person && !roles.includes(person.role)) return <NotFound />;
  return <Page />;
}

/** Where a person begins. */
export const homeOf = (role: Role | undefined) => (role === 'admin' ? '/admin' : role === 'teacher' ? '/teach' : role ? '/home' : '/');
