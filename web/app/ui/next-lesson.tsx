import type { ComponentChildren } from 'preact';
import { unwrap } from '../../client/src/index.js';
import { rest } from '../core/api.js';
import { dayKey, longDay, startOfWeek } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Loaded } from './loaded.js';

/** In place of a week without lessons: the way to the next one, or `children` where none is to come. */
export function NextLesson({ onWeek, children }: { onWeek: (week: string) => void; children?: ComponentChildren }) {
  const next = useLoad(async () => (await unwrap(rest.GET('/api/lessons', { params: { query: { limit: 1 } } }))).items[0] ?? null, []);

  return (
    <div class="empty">
      <p>{t('teach.none')}</p>
      <Loaded of={next} bones={[3]}>
        {(lesson) =>
          lesson ? (
            <button type="button" class="button" onClick={() => onWeek(startOfWeek(dayKey(lesson.slot.starts_at, lesson.slot.time_zone)))}>
              {t('week.jump', { day: longDay(lesson.slot.starts_at, lesson.slot.time_zone) })}
            </button>
          ) : (
            children
          )
        }
      </Loaded>
    </div>
  );
}
