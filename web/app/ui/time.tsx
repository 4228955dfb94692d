import { clock, differs, longDay, ownZone, zoneName } from '../core/dates.js';
import { t } from '../core/i18n.js';

interface Span {
  starts_at: string;
  ends_at: string;
  time_zone: string;
}

/** When a lesson is, in its own zone; and in the reader's, if their clock shows something else then. Null is a time that nobody knows any more. */
export function SlotTime({ slot }: { slot: Span | null }) {
  if (!slot) return <span class="soft">–</span>;
  const { starts_at: from, ends_at: to, time_zone: zone } = slot;
  return (
    <span class="numeric">
      <time dateTime={from}>
        {longDay(from, zone)}, {clock(from, zone)}–{clock(to, zone)} {zoneName(from, zone)}
      </time>
      {differs(from, zone) && (
        <span class="soft small">
          {' '}
          ({t('time.yours', { time: `${longDay(from, ownZone)}, ${clock(from, ownZone)}` })})
        </span>
      )}
    </span>
  );
}

/** The two times that were asked for, as items of a list. */
export function BothChoices({ first, second }: { first: Span | null; second: Span | null }) {
  return (
    <>
      <li>
        {t('choice.first')}: <SlotTime slot={first} />
      </li>
      <li>
        {t('choice.second')}: <SlotTime slot={second} />
      </li>
    </>
  );
}

/** Said once above times of another zone than the reader's. */
export function ZoneNote({ slots }: { slots: (Span | null)[] }) {
  const other = slots.find((slot) => slot && differs(slot.starts_at, slot.time_zone));
  if (!other) return null;
  return <p class="note warn small">{t('time.zone', { zone: zoneName(other.starts_at, other.time_zone), place: other.time_zone, own: ownZone })}</p>;
}
