import { Fragment } from 'preact';
import { useRoute } from 'preact-iso/router';
import { all, type Course, orNull, rest } from '../core/api.js';
import { money } from '../core/dates.js';
import { t, word } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Cover } from '../ui/cover.js';
import { Loaded } from '../ui/loaded.js';
import { Heading } from '../ui/page.js';
import { Booker } from './booker.js';
import { NotFound } from './not-found.js';

/** One course, and the two slots that a student asks for. */
export default function CoursePage() {
  const { params, query } = useRoute();
  const name = params.name ?? '';
  const course = useLoad(() => orNull(rest.GET('/api/courses/{id}', { params: { path: { id: name } } })), [name]);

  if (course.data === null) return <NotFound />;
  return (
    <div class="stack loose">
      <Loaded of={course} bones={[3, 14, 24]}>
        {(found) => (
          <>
            {found && <Introduction course={found} />}
            {found && <Slots course={found} {...(query.move && { replaces: query.move })} />}
          </>
        )}
      </Loaded>
    </div>
  );
}

function Introduction({ course }: { course: Course }) {
  const { currency } = course;
  return (
    <div class="intro">
      <div class="stack">
        <Heading title={course.title} />
        <p class="row">
          <span class="chip">{word('instrument', course.instrument)}</span>
          <span class="chip">{word('level', course.level)}</span>
          <span class="chip">{course.available_days.map((day) => word('weekday', day)).join(', ')}</span>
        </p>
        <p>{course.description}</p>
        <dl class="facts">
          {course.teacher && (
            <>
              <dt>{t('course.teacher')}</dt>
              <dd>{course.teacher}</dd>
            </>
          )}
          {course.price && currency && (
            <>
              <dt>{t('course.price')}</dt>
              <dd>{t('course.per_lesson', { price: money(course.price, currency) })}</dd>
            </>
          )}
          {course.packages.map((item) => (
            <Fragment key={item.name}>
              <dt>{item.title}</dt>
              <dd>
                {t('course.lessons', { count: item.lessons })}
                {item.price && item.currency && ` · ${money(item.price, item.currency)}`}
              </dd>
            </Fragment>
          ))}
        </dl>
      </div>
      <Cover course={course} />
    </div>
  );
}

function Slots({ course, replaces }: { course: Course; replaces?: string }) {
  const slots = useLoad(
    () =>
      all((cursor) =>
        rest.GET('/api/schedules/available', { params: { query: { course_id: course.id, limit: 100, ...(cursor && { cursor }) } } }),
      ),
    [course.id],
  );

  return (
    <section class="stack" aria-labelledby="slots">
      <h2 id="slots">{replaces ? t('move.title') : t('slots.title')}</h2>
      <Loaded of={slots} bones={[3, 16]}>
        {(free) => <Booker course={course} free={free} reload={slots.reload} {...(replaces && { replaces })} />}
      </Loaded>
    </section>
  );
}
