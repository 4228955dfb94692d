import type { Lesson } from '../../core/api.js';
import { addDays, clock, dayAndMonth, dayKey, longDay, noon, weekdayName } from '../../core/dates.js';
import { t, word } from '../../core/i18n.js';

interface Props {
  /** The first day of the week, such as 2027-01-04. */
  week: string;
  lessons: Lesson[];
  onOpen: (lesson: Lesson) => void;
}

/** The lessons of a week, day by day; on a phone one day below the other. */
export function LessonWeek({ week, lessons, onOpen }: Props) {
  return (
    <div class="week lessons">
      {Array.from({ length: 7 }, (_, index) => addDays(week, index)).map((day) => {
        const own = lessons.filter(({ slot }) => dayKey(slot.starts_at, slot.time_zone) === day);
        return (
          <section class="day" key={day} aria-label={longDay(noon(day), 'UTC')}>
            <h3 aria-hidden="true">
              {weekdayName(noon(day), 'UTC', 'short')}
              <span>{dayAndMonth(noon(day), 'UTC')}</span>
            </h3>
            {own.length === 0 && <p class="none">{t('week.none')}</p>}
            {own.map((lesson) => (
              <button type="button" class={`lesson ${state(lesson)}`} key={lesson.booking_id} onClick={() => onOpen(lesson)}>
                <strong class="numeric">
                  {clock(lesson.slot.starts_at, lesson.slot.time_zone)}–{clock(lesson.slot.ends_at, lesson.slot.time_zone)}
                </strong>
                <span>{lesson.student.full_name}</span>
                <span class="soft">{lesson.course.title}</span>
                {lesson.attended !== null && <span class="unseen">{word('attended', String(lesson.attended))}</span>}
              </button>
            ))}
          </section>
        );
      })}
    </div>
  );
}

const state = ({ attended }: Lesson) => (attended === null ? '' : attended ? 'done' : 'missed');
