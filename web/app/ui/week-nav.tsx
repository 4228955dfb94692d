import { addDays, dayAndMonth, dayKey, noon, ownZone, startOfWeek } from '../core/dates.js';
import { t } from '../core/i18n.js';

/** The week that is shown, and the way to others. */
export function WeekNav({ week, onWeek }: { week: string; onWeek: (week: string) => void }) {
  const today = startOfWeek(dayKey(new Date(), ownZone));
  return (
    <div class="row between">
      <h2 aria-live="polite">{t('week.title', { from: dayAndMonth(noon(week), 'UTC'), to: dayAndMonth(noon(addDays(week, 6)), 'UTC') })}</h2>
      <div class="row">
        <button type="button" class="button" onClick={() => onWeek(addDays(week, -7))}>
          ‹ {t('week.earlier')}
        </button>
        <button type="button" class="button" aria-disabled={week === today} onClick={() => onWeek(today)}>
          {t('week.this')}
        </button>
        <button type="button" class="button" onClick={() => onWeek(addDays(week, 7))}>
          {t('week.later')} ›
        </button>
      </div>
    </div>
  );
}
