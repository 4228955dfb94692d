import type { components } from '../../client/src/index.js';
import { addDays, noon, startOfWeek, weekdayName } from '../core/dates.js';
import { t } from '../core/i18n.js';

type Row = components['schemas']['OccupancyRow'];

const english = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const taken = (row: Row) => (row.slots > 0 ? (row.reserved + row.booked) / row.slots : 0);

/** How much of each weekday's hours is taken, in words and as a shade. */
export function HeatMap({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return <p class="empty">{t('charts.none')}</p>;

  const byKey = new Map(rows.map((row) => [row.key, row]));
  const hours = rows.map(({ key }) => Number(key.split(' ')[1])).sort((a, b) => a - b);
  const span = Array.from({ length: (hours.at(-1) ?? 0) - (hours[0] ?? 0) + 1 }, (_, index) => (hours[0] ?? 0) + index);
  const first = startOfWeek('2027-01-06');
  const days = Array.from({ length: 7 }, (_, index) => noon(addDays(first, index)));

  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('charts.occupancy')}>
      <table class="heat numeric">
        <thead>
          <tr>
            <td />
            {days.map((day) => (
              <th key={day.getTime()} scope="col">
                {weekdayName(day, 'UTC', 'short')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {span.map((hour) => (
            <tr key={hour}>
              <th scope="row">{String(hour).padStart(2, '0')}:00</th>
              {days.map((day) => (
                <Cell key={day.getTime()} row={byKey.get(`${english[day.getUTCDay()]} ${hour}`) ?? byKey.get(`${english[day.getUTCDay()]} ${String(hour).padStart(2, '0')}`)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ row }: { row: Row | undefined }) {
  if (!row || row.slots === 0) return <td />;

  const part = Math.round(taken(row) * 100);
  const shade = `color-mix(in oklab, var(--accent) ${Math.round(part * 0.35) + 4}%, var(--card))`;
  return (
    <td ref={(element) => element?.style.setProperty('background', shade)} title={t('charts.cell', { taken: row.reserved + row.booked, slots: row.slots })}>
      {part} %
    </td>
  );
}
