import { unwrap } from '../../client/src/index.js';
import { all, type Lesson, me, orNull, rest } from '../core/api.js';
import { moment } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { BookingChip } from '../ui/badges.js';
import { Loaded } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { SlotTime } from '../ui/time.js';
import { say } from '../ui/toasts.js';
import { CourseCard } from './catalogue.js';
import { sentence } from '../ui/problem.js';

/** Where a student begins: the next lesson, what is open, and what might suit. */
export default function Home() {
  const person = me.value;
  return (
    <div class="stack loose">
      <Heading title={t('home.title', { name: person?.full_name.split(' ')[0] ?? '' })} />
      {person && !person.email_verified_at && <Unverified email={person.email} />}
      <div class="columns">
        <NextLesson />
        <OpenBookings />
      </div>
      <Recommendations />
    </div>
  );
}

function Unverified({ email }: { email: string }) {
  const resend = () =>
    void unwrap(rest.POST('/api/auth/email/resend')).then(
      () => say(t('verify.resent')),
      (error: unknown) => say(sentence(error)),
    );
  return (
    <div class="note warn row between">
      <span>{t('verify.please', { email })}</span>
      <button type="button" class="button" onClick={resend}>
        {t('verify.resend')}
      </button>
    </div>
  );
}

function NextLesson() {
  const lessons = useLoad(async () => (await unwrap(rest.GET('/api/lessons', { params: { query: { limit: 1 } } }))).items, []);
  return (
    <section class="card stack" aria-labelledby="next-lesson">
      <h2 id="next-lesson">{t('home.next')}</h2>
      <Loaded of={lessons} bones={[4]}>
        {([lesson]) => (lesson ? <LessonLines lesson={lesson} /> : <p class="soft">{t('home.no_lesson')}</p>)}
      </Loaded>
    </section>
  );
}

function LessonLines({ lesson }: { lesson: Lesson }) {
  return (
    <div class="stack tight">
      <h3>{lesson.course.title}</h3>
      <p>
        <SlotTime slot={lesson.slot} />
      </p>
      {lesson.teacher && <p class="soft">{t('course.with', { teacher: lesson.teacher.full_name })}</p>}
    </div>
  );
}

function OpenBookings() {
  const bookings = useLoad(() => all((cursor) => rest.GET('/api/bookings', { params: { query: { status: 'pending', limit: 100, ...(cursor && { cursor }) } } })), []);
  return (
    <section class="card stack" aria-labelledby="open-bookings">
      <h2 id="open-bookings">{t('home.open')}</h2>
      <Loaded of={bookings} bones={[4]}>
        {(list) =>
          list.length === 0 ? (
            <p class="soft">{t('home.no_open')}</p>
          ) : (
            <ul class="list">
              {list.map((booking) => (
                <li key={booking.id} class="stack tight">
                  <p class="row between">
                    <strong>{booking.course.title}</strong>
                    <BookingChip booking={booking} />
                  </p>
                  <p class="soft small">{t('booking.until', { when: moment(booking.expires_at) })}</p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <p>
        <a href="/bookings">{t('home.all_bookings')}</a>
      </p>
    </section>
  );
}

const newcomerMs = 60_000;
const pauseMs = 1_500;
const tries = 6;

/** The newest recommendation. The first is made by itself after the registration: a newcomer waits a moment for it. */
async function newest() {
  const newcomer = Date.now() - Date.parse(me.value?.created_at ?? '') < newcomerMs;
  for (let left = newcomer ? tries : 0; ; left--) {
    const found = await orNull(rest.GET('/api/recommendations/latest'));
    if (found || left <= 0) return found;
    await new Promise((resume) => setTimeout(resume, pauseMs));
  }
}

function Recommendations() {
  const latest = useLoad(newest, []);
  const again = () =>
    void unwrap(rest.POST('/api/recommendations/generate')).then(
      (made) => latest.replace(made),
      (error: unknown) => say(sentence(error)),
    );

  return (
    <section class="stack" aria-labelledby="recommendations">
      <div class="row between">
        <h2 id="recommendations">{t('home.recommended')}</h2>
        <button type="button" class="button" onClick={again}>
          {t('home.again')}
        </button>
      </div>
      <Loaded of={latest} bones={[17]}>
        {(found) =>
          found && found.items.length > 0 ? (
            <ul class="courses">
              {found.items.map((item) => (
                <li key={item.course_id}>
                  <CourseCard course={item.course}>
                    <ul class="small stack tight">
                      {item.reasons.map((reason) => (
                        <li key={reason}>♪ {reason}</li>
                      ))}
                    </ul>
                  </CourseCard>
                </li>
              ))}
            </ul>
          ) : (
            <p class="empty">
              {t('home.none')} <a href="/profile">{t('home.preferences')}</a>
            </p>
          )
        }
      </Loaded>
    </section>
  );
}
