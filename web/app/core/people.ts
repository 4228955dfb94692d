import { signal } from '@preact/signals';
import { orNull, rest } from './api.js';

/** Names by the id of the person; null for who has left. */
export const names = signal<Readonly<Record<string, string | null>>>({});

const asked = new Set<string>();

/** Asks for the names of people that a list of ids speaks of, each once. */
export async function learnNames(ids: (string | null)[]): Promise<void> {
  const fresh = [...new Set(ids)].filter((id): id is string => id !== null && !asked.has(id));
  for (const id of fresh) asked.add(id);

  const found = await Promise.all(
    fresh.map(async (id): Promise<[string, string | null]> => {
      const person = await orNull(rest.GET('/api/users/{id}', { params: { path: { id } } }));
      return [id, person?.full_name ?? null];
    }),
  );
  names.value = { ...names.peek(), ...Object.fromEntries(found) };
}
