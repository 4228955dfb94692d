import type { Slot } from './api.js';

const name = (courseId: string) => `shema.choice.${courseId}`;

/** Keeps two chosen slots while the reader signs in. */
export function keepChoice(courseId: string, slots: (Slot | null)[]): void {
  sessionStorage.setItem(name(courseId), JSON.stringify(slots.map((slot) => slot?.id ?? null)));
}

/** Takes kept slots out again, those that are still free. */
export function takeChoice(courseId: string, free: Slot[]): (Slot | null)[] {
  const kept = JSON.parse(sessionStorage.getItem(name(courseId)) ?? '[]') as (string | null)[];
  sessionStorage.removeItem(name(courseId));
  return [0, 1].map((index) => free.find((slot) => slot.id === kept[index]) ?? null);
}

/** The free slots nearest to one that is gone: about the same time of day counts for more than the same day. */
export function nearest(gone: Slot, free: Slot[], without: Set<string>, count = 3): Slot[] {
  const day = 86_400_000;
  const [at, time] = [Date.parse(gone.starts_at), Date.parse(gone.starts_at) % day];
  const distance = (slot: Slot) => {
    const other = Date.parse(slot.starts_at);
    const apart = Math.abs((other % day) - time);
    return Math.abs(other - at) / day + (Math.min(apart, day - apart) / 3_600_000) * 0.75;
  };

  return free
    .filter((slot) => !without.has(slot.id))
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, count);
}
