import { useState } from 'preact/hooks';
import { unwrap } from '../../client/src/index.js';
import { all, type Lesson, me, rest } from '../core/api.js';
import { addDays, dayKey, longDay, noon, ownZone, startOfWeek } from '../core/dates.js';
import { t, word } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { useNow } from '../core/now.js';
import { CalendarAddress } from '../ui/calendar-address.js';
import { TextArea } from '../ui/fields.js';
import { Form, Submit, text } from '../ui/form.js';
import { Loaded } from '../ui/loaded.js';
import { NextLesson } from '../ui/next-lesson.js';
import { Heading } from '../ui/page.js';
import { SlotTime, ZoneNote } from '../ui/time.js';
import { say } from '../ui/toasts.js';
import { WeekNav } from '../ui/week-nav.js';

/** A teacher's week: who comes when, and who came. */
export default function Teach() {
  const [week, setWeek] = useState(() => startOfWeek(dayKey(new Date(), ownZone)));
  const lessons = useLoad(async () => {
    // A day more on both sides: the week is that of the lessons' zone.
    const query = { from: `${addDays(week, -1)}T00:00:00Z`, to: `${addDays(week, 8)}T00:00:00Z`, limit: 100 };
    const found = await all((cursor) => rest.GET('/api/lessons', { params: { query: { ...query, ...(cursor && { cursor }) } } }));
    return found.filter(({ slot }) => dayOf(slot) >= week && dayOf(slot) <= addDays(week, 6));
  }, [week]);

  return (
    <div class="stack loose">
      <Heading title={t('nav.teach')} />
      <section class="stack">
        <WeekNav week={week} onWeek={setWeek} />
        <Loaded of={lessons} bones={[3, 7, 7]}>
          {(list) => (
            <>
              <ZoneNote slots={list.map(({ slot }) => slot)} />
              {list.length === 0 && (
                <NextLesson onWeek={setWeek}>
                  <p class="small">{t('teach.whose', { email: me.value?.email })}</p>
                </NextLesson>
              )}
              {[...new Set(list.map(({ slot }) => dayOf(slot)))].map((day) => (
                <section class="stack" key={day} aria-label={longDay(noon(day), 'UTC')}>
                  <h3>{longDay(noon(day), 'UTC')}</h3>
                  {list
                    .filter(({ slot }) => dayOf(slot) === day)
                    .map((lesson) => (
                      <LessonCard key={lesson.booking_id} lesson={lesson} onChange={lessons.reload} />
                    ))}
                </section>
              ))}
            </>
          )}
        </Loaded>
      </section>
      <CalendarAddress />
    </div>
  );
}

const dayOf = (slot: Lesson['slot']) => dayKey(slot.starts_at, slot.time_zone);

function LessonCard({ lesson, onChange }: { lesson: Lesson; onChange: () => void }) {
  const begun = Date.parse(lesson.slot.starts_at) <= useNow();
  return (
    <article class="card stack" aria-label={`${lesson.student.full_name}, ${lesson.course.title}`}>
      <div class="row between">
        <div class="stack tight">
          <h4>{lesson.student.full_name}</h4>
          <p class="soft">{lesson.course.title}</p>
          <p>
            <SlotTime slot={lesson.slot} />
          </p>
        </div>
        {lesson.attended !== null && <span class={`chip ${lesson.attended ? 'good' : 'bad'}`}>{word('attended', String(lesson.attended))}</span>}
      </div>
      {lesson.note && <p class="soft small">“{lesson.note}”</p>}
      {begun ? <Attendance lesson={lesson} onChange={onChange} /> : <p class="soft small">{t('teach.later')}</p>}
    </article>
  );
}

/** Whether the student came, and what to remember of the lesson. */
export function Attendance({ lesson, onChange }: { lesson: Lesson; onChange: () => void }) {
  const [attended, setAttended] = useState(lesson.attended ?? true);
  const save = async (data: FormData) => {
    const path = { booking_id: lesson.booking_id };
    await unwrap(rest.PUT('/api/lessons/{booking_id}/attendance', { params: { path }, body: { attended, note: text(data, 'note') ?? null } }));
    say(t('teach.saved', { name: lesson.student.full_name }));
    onChange();
  };

  return (
    <Form onSubmit={save} label={t('teach.attendance', { name: lesson.student.full_name })}>
      <fieldset class="field">
        <legend>{t('teach.came')}</legend>
        <div class="choices">
          {[true, false].map((value) => (
            <label key={String(value)}>
              <input type="radio" name="attended" value={String(value)} checked={attended === value} onChange={() => setAttended(value)} />
              {word('attended', String(value))}
            </label>
          ))}
        </div>
      </fieldset>
      <TextArea name="note" label={t('teach.note')} hint={t('teach.note_hint')} defaultValue={lesson.attendance_note ?? ''} maxLength={500} optional />
      <div class="row">
        <Submit kind="">{t('save')}</Submit>
      </div>
    </Form>
  );
}
