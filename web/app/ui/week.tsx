import { useRef } from 'preact/hooks';
import type { Slot } from '../core/api.js';
import { addDays, clock, dayAndMonth, dayKey, longDay, noon, ownZone, startOfWeek, weekdayName } from '../core/dates.js';
import { t } from '../core/i18n.js';

export interface Choice {
  first: Slot | null;
  second: Slot | null;
}

interface Props {
  slots: Slot[];
  choice: Choice;
  /** Slots that were chosen and are gone; they stay visible so that the reader sees which. */
  lost: Set<string>;
  /** The first day of the week that is shown, such as 2027-01-04. */
  week: string;
  onWeek: (week: string) => void;
  /** A slot was clicked, or got its place by key. */
  onChoose: (slot: Slot, place?: keyof Choice) => void;
}

/** The days of a week on which the slots are, in the slots' own zones. */
function byDay(slots: Slot[]): Map<string, Slot[]> {
  const days = new Map<string, Slot[]>();
  for (const slot of slots) {
    const key = dayKey(slot.starts_at, slot.time_zone);
    days.set(key, [...(days.get(key) ?? []), slot]);
  }
  return days;
}

/** A week of free slots. Arrow keys go from slot to slot, 1 and 2 give a slot its place, Enter takes the next free place. */
export function Week({ slots, choice, lost, week, onWeek, onChoose }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const days = byDay(slots);
  const keys = [...days.keys()].sort();
  const [first, last] = [keys[0], keys.at(-1)];
  const shown = Array.from({ length: 7 }, (_, index) => addDays(week, index));
  const end = shown[6] ?? week;

  const onKeyDown = (event: KeyboardEvent) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>('button.slot');
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    const slot = slots.find(({ id }) => id === button.dataset.slot);

    if (slot && (event.key === '1' || event.key === '2')) {
      event.preventDefault();
      onChoose(slot, event.key === '1' ? 'first' : 'second');
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      move(grid.current, button, event.key);
    }
  };

  return (
    <div class="stack">
      <div class="row between">
        <h3 aria-live="polite">{t('week.title', { from: dayAndMonth(noon(week), 'UTC'), to: dayAndMonth(noon(end), 'UTC') })}</h3>
        <div class="row">
          <button type="button" class="button" aria-disabled={!first || first >= week} onClick={() => first && first < week && onWeek(addDays(week, -7))}>
            ‹ {t('week.earlier')}
          </button>
          <button type="button" class="button" aria-disabled={!last || last <= end} onClick={() => last && last > end && onWeek(addDays(week, 7))}>
            {t('week.later')} ›
          </button>
        </div>
      </div>
      <div class="week" ref={grid} onKeyDown={onKeyDown}>
        {shown.map((day) => (
          <Day key={day} day={day} slots={days.get(day) ?? []} choice={choice} lost={lost} onChoose={onChoose} />
        ))}
      </div>
      {!shown.some((day) => days.has(day)) && <Elsewhere week={week} keys={keys} onWeek={onWeek} />}
    </div>
  );
}

function Day({ day, slots, choice, lost, onChoose }: Pick<Props, 'slots' | 'choice' | 'lost' | 'onChoose'> & { day: string }) {
  const today = day === dayKey(new Date(), slots[0]?.time_zone ?? ownZone);
  return (
    <section class={today ? 'day today' : 'day'} aria-label={longDay(noon(day), 'UTC')}>
      <h3 aria-hidden="true">
        {weekdayName(noon(day), 'UTC', 'short')}
        <span>{dayAndMonth(noon(day), 'UTC')}</span>
      </h3>
      <div class="slots">
        {slots.length === 0 && <p class="none">{t('week.none')}</p>}
        {slots.map((slot) => (
          <SlotButton key={slot.id} slot={slot} choice={choice} lost={lost.has(slot.id)} onChoose={onChoose} />
        ))}
      </div>
    </section>
  );
}

function SlotButton({ slot, choice, lost, onChoose }: Pick<Props, 'choice' | 'onChoose'> & { slot: Slot; lost: boolean }) {
  const place = choice.first?.id === slot.id ? 'first' : choice.second?.id === slot.id ? 'second' : undefined;
  return (
    <button
      type="button"
      class={`slot ${place ?? ''} ${lost ? 'lost' : ''}`}
      data-slot={slot.id}
      aria-pressed={place !== undefined}
      aria-disabled={lost}
      onClick={() => !lost && onChoose(slot)}
    >
      <span>
        {clock(slot.starts_at, slot.time_zone)}
        <span class="unseen">–{clock(slot.ends_at, slot.time_zone)}</span>
      </span>
      {place && <small>{t(`choice.${place}`)}</small>}
      {lost && <small>{t('choice.lost')}</small>}
    </button>
  );
}

/** A week without free slots says where the next ones are. */
function Elsewhere({ week, keys, onWeek }: { week: string; keys: string[]; onWeek: (week: string) => void }) {
  const next = keys.find((key) => key > week) ?? keys.at(-1);
  if (!next) return <p class="empty">{t('week.nothing')}</p>;
  return (
    <p class="empty">
      {t('week.empty')}
      <button type="button" class="button" onClick={() => onWeek(startOfWeek(next))}>
        {t('week.jump', { day: longDay(noon(next), 'UTC') })}
      </button>
    </p>
  );
}

/** Moves the focus up and down within a day, left and right to the slot of the next day that has one. */
function move(grid: HTMLElement | null, from: HTMLButtonElement, key: string): void {
  const days = [...(grid?.children ?? [])].map((day) => [...day.querySelectorAll<HTMLButtonElement>('button.slot')]);
  const column = days.findIndex((day) => day.includes(from));
  const row = days[column]?.indexOf(from) ?? 0;
  if (key === 'ArrowUp' || key === 'ArrowDown') {
    days[column]?.[row + (key === 'ArrowDown' ? 1 : -1)]?.focus();
    return;
  }

  const step = key === 'ArrowRight' ? 1 : -1;
  for (let next = column + step; days[next]; next += step) {
    const day = days[next] ?? [];
    if (day.length > 0) return day[Math.min(row, day.length - 1)]?.focus();
  }
}
