import { useLocation } from 'preact-iso/router';
import { useEffect, useState } from 'preact/hooks';
import { all, type Course, rest } from '../core/api.js';
import { clock, money, ownZone, shortDay, zoneName } from '../core/dates.js';
import { t, word } from '../core/i18n.js';
import { useLoad } from '../core/load.js';
import { Cover } from '../ui/cover.js';
import { Loaded } from '../ui/loaded.js';
import { useTitle } from '../ui/page.js';

type Filter = Partial<Record<'instrument' | 'level' | 'price_category' | 'q', string>>;

const levels = ['beginner', 'intermediate', 'advanced'];
const prices = ['low', 'medium', 'high'];

function filterOf(query: Record<string, string>): Filter {
  const { instrument, level, price_category, q } = query;
  return Object.fromEntries(Object.entries({ instrument, level, price_category, q }).filter(([, value]) => value));
}

/** All courses that anybody may book, with filters that a link can carry. */
export function Catalogue() {
  const { query, route } = useLocation();
  const filter = filterOf(query);
  const courses = useLoad(
    () => all((cursor) => rest.GET('/api/courses', { params: { query: { limit: 100, ...(filter as object), ...(cursor && { cursor }) } } })),
    [JSON.stringify(filter)],
  );
  const instruments = useLoad(() => all((cursor) => rest.GET('/api/courses', { params: { query: { limit: 100, ...(cursor && { cursor }) } } })), []);
  useTitle(t('nav.courses'));

  const choose = (name: keyof Filter, value: string) => {
    const chosen = Object.entries({ ...filter, [name]: value }).filter(([, some]) => some !== '');
    const search = new URLSearchParams(chosen).toString();
    route(search ? `/?${search}` : '/', true);
  };
  const known = [...new Set([...(instruments.data ?? []).map((course) => course.instrument), ...(filter.instrument ? [filter.instrument] : [])])].sort();

  return (
    <div class="stack loose">
      <div class="hero">
        <h1>{t('catalogue.title')}</h1>
        <p>{t('catalogue.text')}</p>
      </div>
      <Filters filter={filter} instruments={known} choose={choose} />
      <section class="stack" aria-label={t('nav.courses')}>
        <p class="soft small" role="status">
          {courses.data && t('catalogue.count', { count: courses.data.length })}&nbsp;
        </p>
        <Loaded of={courses} bones={[19, 19, 19]}>
          {(list) =>
            list.length > 0 ? (
              <ul class="courses">
                {list.map((course) => (
                  <li key={course.id}>
                    <CourseCard course={course} />
                  </li>
                ))}
              </ul>
            ) : (
              <div class="empty">
                <p>{t('catalogue.none')}</p>
                <a class="button" href="/">
                  {t('catalogue.all')}
                </a>
              </div>
            )
          }
        </Loaded>
      </section>
    </div>
  );
}

function Filters({ filter, instruments, choose }: { filter: Filter; instruments: string[]; choose: (name: keyof Filter, value: string) => void }) {
  const [typed, setTyped] = useState(filter.q ?? '');
  useEffect(() => setTyped(filter.q ?? ''), [filter.q]);

  const select = (name: 'instrument' | 'level' | 'price_category', group: string, values: string[]) => (
    <label>
      {t(`filter.${name}`)}
      <select value={filter[name] ?? ''} onChange={(event) => choose(name, event.currentTarget.value)}>
        <option value="">{t('filter.any')}</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {word(group, value)}
          </option>
        ))}
      </select>
    </label>
  );

  return (
    <form
      class="filters"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        choose('q', typed.trim());
      }}
    >
      <label>
        {t('filter.q')}
        <input type="search" value={typed} maxLength={100} onInput={(event) => setTyped(event.currentTarget.value)} onChange={(event) => choose('q', event.currentTarget.value.trim())} />
      </label>
      {select('instrument', 'instrument', instruments)}
      {select('level', 'level', levels)}
      {select('price_category', 'price', prices)}
    </form>
  );
}

/** One course as a card that is a link. */
export function CourseCard({ course, children }: { course: Course; children?: preact.ComponentChildren }) {
  return (
    <article class="card course">
      <Cover course={course} />
      <div>
        <h2>
          <a href={`/courses/${encodeURIComponent(course.name)}`}>{course.title}</a>
        </h2>
        <p class="row small">
          <span class="chip">{word('instrument', course.instrument)}</span>
          <span class="chip">{word('level', course.level)}</span>
        </p>
        {course.teacher && <p class="soft small">{t('course.with', { teacher: course.teacher })}</p>}
        {children}
        <p class="row between small when">
          <span class="soft">{course.next_slot_at ? t('course.next', { when: nextSlot(course.next_slot_at) }) : t('course.full')}</span>
          {course.price && course.currency && <strong>{money(course.price, course.currency)}</strong>}
        </p>
      </div>
    </article>
  );
}

/** In the reader's zone, which it names: the list of courses does not say the slot's. */
const nextSlot = (at: string) => `${shortDay(at, ownZone)}, ${clock(at, ownZone)} ${zoneName(at, ownZone)}`;
