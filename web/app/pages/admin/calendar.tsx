import lazy from 'preact-iso/lazy';
import { useState } from 'preact/hooks';
import { all, type Lesson, rest } from '../../core/api.js';
import { t, word } from '../../core/i18n.js';
import { useLoad } from '../../core/load.js';
import { Dialog } from '../../ui/dialog.js';
import { Loaded } from '../../ui/loaded.js';
import { Heading } from '../../ui/page.js';
import { Subnav } from '../../ui/subnav.js';
import { SlotTime } from '../../ui/time.js';
import { Attendance } from '../teach.js';
import { Revoke } from './revoke.js';

const CalendarView = lazy(async () => ({ default: (await import('../../ui/calendar-view.js')).CalendarView }));

/** All lessons in a calendar. */
export default function Calendar() {
  const [span, setSpan] = useState<{ from: string; to: string }>();
  const [open, setOpen] = useState<Lesson>();
  const [revoking, setRevoking] = useState<Lesson>();
  const lessons = useLoad(async () => {
    if (!span) return [];
    return all((cursor) => rest.GET('/api/lessons', { params: { query: { ...span, limit: 100, ...(cursor && { cursor }) } } }));
  }, [span?.from, span?.to]);

  return (
    <>
      <Subnav />
      <div class="stack">
        <Heading title={t('admin.calendar')} />
        <p class="soft small" role="status">
          {lessons.data && span ? t('calendar.count', { count: lessons.data.length }) : ' '}
        </p>
        <CalendarView lessons={lessons.data ?? []} onSpan={(from, to) => setSpan({ from, to })} onOpen={setOpen} />
        <Loaded of={lessons} bones={[]}>
          {() => null}
        </Loaded>
      </div>
      {open && (
        <Dialog title={open.course.title} onClose={() => setOpen(undefined)}>
          <LessonFacts lesson={open} />
          {Date.parse(open.slot.starts_at) <= Date.now() ? (
            <Attendance
              lesson={open}
              onChange={() => {
                setOpen(undefined);
                lessons.reload();
              }}
            />
          ) : (
            <p>
              <button
                type="button"
                class="button danger"
                onClick={() => {
                  setRevoking(open);
                  setOpen(undefined);
                }}
              >
                {t('revoke.title')}
              </button>
            </p>
          )}
        </Dialog>
      )}
      {revoking && (
        <Revoke booking={{ id: revoking.booking_id, confirmed_slot: revoking.slot, course: revoking.course }} onDone={lessons.reload} onClose={() => setRevoking(undefined)} />
      )}
    </>
  );
}

function LessonFacts({ lesson }: { lesson: Lesson }) {
  const { student, teacher } = lesson;
  return (
    <dl class="facts">
      <dt>{t('lesson.when')}</dt>
      <dd>
        <SlotTime slot={lesson.slot} />
      </dd>
      <dt>{word('role', 'student')}</dt>
      <dd>
        <a href={`/admin/people/${student.id}`}>{student.full_name}</a>
        {student.email && (
          <>
            <br />
            <a href={`mailto:${student.email}`}>{student.email}</a>
          </>
        )}
        {student.phone && (
          <>
            <br />
            <a href={`tel:${student.phone}`}>{student.phone}</a>
          </>
        )}
      </dd>
      <dt>{word('role', 'teacher')}</dt>
      <dd>{teacher?.full_name ?? lesson.course.teacher ?? '–'}</dd>
      {lesson.note && (
        <>
          <dt>{t('booking.note')}</dt>
          <dd>{lesson.note}</dd>
        </>
      )}
    </dl>
  );
}
