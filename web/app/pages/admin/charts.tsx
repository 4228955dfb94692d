import { useState } from 'preact/hooks';
import { type components, unwrap } from '../../../client/src/index.js';
import { rest } from '../../core/api.js';
import { addDays, dayKey, ownZone } from '../../core/dates.js';
import { locale, t } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { BarChart } from '../../ui/bar-chart.js';
import { HeatMap } from '../../ui/heat-map.js';
import { Loaded } from '../../ui/loaded.js';

type Row = components['schemas']['BookingReportRow'] & { waiting: number };
type Outcome = (typeof outcomes)[number];
type Group = (typeof groups)[number];

const outcomes = ['confirmed', 'rejected', 'expired', 'cancelled', 'waiting'] as const;
const groups = ['day', 'week', 'month', 'course', 'instrument'] as const;

/** How far back the charts look for each way of grouping, in days. */
const back: Record<Group, number> = { day: 30, week: 90, month: 365, course: 90, instrument: 90 };

const from = (today: string, days: number) => ({ from: `${addDays(today, -days)}T00:00:00Z` });

/** Bookings over time, what became of them, and how full the weeks are. */
export default function Charts() {
  return (
    <>
      <Bookings />
      <Occupancy />
    </>
  );
}

function Bookings() {
  const [by, setBy] = useState<Group>('week');
  const today = dayKey(new Date(), ownZone);
  const report = useLoad(async () => {
    const query = { ...from(today, back[by]), to: `${addDays(today, 1)}T00:00:00Z`, by };
    const { items } = await unwrap(rest.GET('/api/admin/reports/bookings', { params: { query } }));
    return items.map((row): Row => ({ ...row, waiting: row.created - row.confirmed - row.rejected - row.expired - row.cancelled }));
  }, [by]);

  return (
    <section class="card stack" aria-labelledby="chart-bookings">
      <div class="row between">
        <h2 id="chart-bookings">{t('charts.bookings')}</h2>
        <label class="row small">
          {t('charts.by')}
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as Group)}>
            {groups.map((group) => (
              <option key={group} value={group}>
                {t(`charts.${group}`)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Loaded of={report} bones={[15]}>
        {(rows) => (rows.length === 0 ? <p class="empty">{t('charts.none')}</p> : <Outcomes by={by} rows={rows} />)}
      </Loaded>
    </section>
  );
}

/** The chart with its legend, and the same as a table. */
function Outcomes({ by, rows }: { by: Group; rows: Row[] }) {
  return (
    <>
      <ul class="legend">
        {outcomes.map((outcome) => (
          <li key={outcome} ref={(element) => element?.style.setProperty('--key', `var(--${outcome})`)}>
            {t(`charts.${outcome}`)} {share(rows, outcome)}
          </li>
        ))}
      </ul>
      <BarChart labels={rows.map(({ key }) => key)} series={outcomes.map((outcome) => ({ colour: `var(--${outcome})`, values: rows.map((row) => row[outcome]) }))} />
      <details>
        <summary>{t('charts.table')}</summary>
        <div class="scroll" tabIndex={0} role="group" aria-label={t('charts.bookings')}>
          <OutcomeTable by={by} rows={rows} />
        </div>
      </details>
    </>
  );
}

function OutcomeTable({ by, rows }: { by: Group; rows: Row[] }) {
  return (
    <table class="numeric">
      <thead>
        <tr>
          <th scope="col">{t(`charts.${by}`)}</th>
          <th scope="col">{t('charts.created')}</th>
          {outcomes.map((outcome) => (
            <th key={outcome} scope="col">
              {t(`charts.${outcome}`)}
            </th>
          ))}
          <th scope="col">{t('charts.hours')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row">{row.key}</th>
            <td>{row.created}</td>
            {outcomes.map((outcome) => (
              <td key={outcome}>{row[outcome]}</td>
            ))}
            <td>{row.median_hours_to_decision?.toFixed(1) ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Occupancy() {
  const today = dayKey(new Date(), ownZone);
  const report = useLoad(async () => {
    const query = { ...from(today, 28), to: `${addDays(today, 28)}T00:00:00Z`, by: 'weekday_hour' as const };
    return (await unwrap(rest.GET('/api/admin/reports/occupancy', { params: { query } }))).items;
  }, []);

  return (
    <section class="card stack" aria-labelledby="chart-occupancy">
      <h2 id="chart-occupancy">{t('charts.occupancy')}</h2>
      <p class="soft small">{t('charts.occupancy_text')}</p>
      <Loaded of={report} bones={[15]}>
        {(rows) => <HeatMap rows={rows} />}
      </Loaded>
    </section>
  );
}

/** The part of all outcomes that one has, such as `62 %`. */
function share(rows: Row[], outcome: Outcome): string {
  const sum = (name: Outcome) => rows.reduce((total, row) => total + row[name], 0);
  const total = outcomes.reduce((all, name) => all + sum(name), 0);
  return total === 0 ? '' : new Intl.NumberFormat(locale(), { style: 'percent' }).format(sum(outcome) / total);
}
