import { homeOf } from '../ui/gate.js';
import type { User } from './api.js';

/** Where a person goes after signing in: where they wanted to, if that is a page of this website, or where they begin. */
export function destination(person: User, next: string | undefined): string {
  const target = next?.startsWith('/') ? new URL(next, location.origin) : undefined;
  return target?.origin === location.origin ? target.pathname + target.search : homeOf(person.role);
}
