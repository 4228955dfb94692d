import { useState } from 'preact/hooks';
import { all, type Lesson, rest } from '../../core/api.js';
import { addDays, dayKey, ownZone, startOfWeek } from '../../core/dates.js';
import { t } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { Loaded } from '../../ui/loaded.js';
import { NextLesson } from '../../ui/next-lesson.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { ZoneNote } from '../../ui/time.js';
import { WeekNav } from '../../ui/week-nav.js';
import { LessonDialog } from './lesson.js';
import { LessonWeek } from './lesson-week.js';
import { Revoke } from './revoke.js';

/** All lessons of a week, or one teacher's or course's. */
export default function Calendar() {
  const [week, setWeek] = useState(() => startOfWeek(dayKey(new Date(), ownZone)));
  const [teacher, setTeacher] = useState('');
  const [course, setCourse] = useState('');
  const [open, setOpen] = useState<Lesson>();
  const [revoking, setRevoking] = useState<Lesson>();
  const lessons = useLoad(async () => {
    // A day more on both sides: the week is that of the lessons' zones.
    const query = { from: `${addDays(week, -1)}T00:00:00Z`, to: `${addDays(week, 8)}T00:00:00Z`, limit: 100 };
    const found = await all((cursor) => rest.GET('/api/lessons', { params: { query: { ...query, ...(cursor && { cursor }) } } }));
    return found.filter((lesson) => dayOf(lesson) >= week && dayOf(lesson) <= addDays(week, 6));
  }, [week]);
  const shown = (lessons.data ?? []).filter((lesson) => (!teacher || teacherOf(lesson) === teacher) && (!course || lesson.course.title === course));

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.calendar')} />
        <WeekNav week={week} onWeek={setWeek} />
        <div class="filters">
          <Filter label={t('course.teacher')} values={(lessons.data ?? []).map(teacherOf)} value={teacher} onChange={setTeacher} />
          <Filter label={t('filter.course')} values={(lessons.data ?? []).map((lesson) => lesson.course.title)} value={course} onChange={setCourse} />
        </div>
        <Loaded of={lessons} bones={[2, 18]}>
          {() => (
            <>
              <p class="soft small" role="status">
                {t('calendar.count', { count: shown.length })}
              </p>
              <ZoneNote slots={shown.map(({ slot }) => slot)} />
              {lessons.data?.length === 0 && <NextLesson onWeek={setWeek} />}
              {lessons.data?.length !== 0 && <LessonWeek week={week} lessons={shown} onOpen={setOpen} />}
            </>
          )}
        </Loaded>
      </div>
      {open && (
        <LessonDialog
          lesson={open}
          onClose={() => setOpen(undefined)}
          onChange={lessons.reload}
          onRevoke={() => {
            setRevoking(open);
            setOpen(undefined);
          }}
        />
      )}
      {revoking && (
        <Revoke booking={{ id: revoking.booking_id, confirmed_slot: revoking.slot, course: revoking.course }} onDone={lessons.reload} onClose={() => setRevoking(undefined)} />
      )}
    </>
  );
}

const dayOf = ({ slot }: Lesson) => dayKey(slot.starts_at, slot.time_zone);

const teacherOf = (lesson: Lesson) => lesson.teacher?.full_name ?? lesson.course.teacher ?? '';

function Filter({ label, values, value, onChange }: { label: string; values: string[]; value: string; onChange: (value: string) => void }) {
  const known = [...new Set([...values, value])].filter(Boolean).sort();
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t('filter.any')}</option>
        {known.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
