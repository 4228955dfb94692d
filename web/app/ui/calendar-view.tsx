import EventCalendar, { type Calendar, type CalendarEvent } from '@event-calendar/build';
import style from '@event-calendar/build/css';
import { useEffect, useRef } from 'preact/hooks';
import type { Lesson } from '../core/api.js';
import { ownZone, weekStart } from '../core/dates.js';
import { locale, t } from '../core/i18n.js';
import { useStyle } from './style.js';

interface Props {
  lessons: Lesson[];
  /** Called with the first and last moment of what is shown, in RFC 3339. */
  onSpan: (from: string, to: string) => void;
  onOpen: (lesson: Lesson) => void;
}

const small = () => matchMedia('(max-width: 47.99rem)').matches;

function options({ onSpan, onOpen }: Props, byId: () => Lesson[]): Record<string, unknown> {
  return {
    view: small() ? 'listWeek' : 'timeGridWeek',
    locale: locale(),
    firstDay: weekStart() % 7,
    headerToolbar: { start: 'title', center: '', end: small() ? 'prev,today,next' : 'timeGridWeek,dayGridMonth,listWeek prev,today,next' },
    buttonText: {
      today: t('week.this'),
      prev: t('week.earlier'),
      next: t('week.later'),
      timeGridWeek: t('calendar.week'),
      dayGridMonth: t('calendar.month'),
      listWeek: t('calendar.list'),
    },
    slotMinTime: '07:00',
    slotMaxTime: '22:00',
    height: '44rem',
    nowIndicator: true,
    allDaySlot: false,
    noEventsContent: t('calendar.none'),
    datesSet: ({ start, end }: { start: Date; end: Date }) => onSpan(start.toISOString(), end.toISOString()),
    eventClick: ({ event }: { event: CalendarEvent }) => {
      const lesson = byId().find(({ booking_id: id }) => id === event.id);
      if (lesson) onOpen(lesson);
    },
  };
}

const toEvent = ({ booking_id: id, slot, student, course }: Lesson): CalendarEvent => ({
  id,
  start: new Date(slot.starts_at),
  end: new Date(slot.ends_at),
  title: `${student.full_name} · ${course.title}`,
});

/** Lessons by week, month or as a list, in the reader's own zone. */
export function CalendarView(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const calendar = useRef<Calendar | null>(null);
  const latest = useRef(props.lessons);
  latest.current = props.lessons;
  useStyle(style);

  useEffect(() => {
    if (!place.current) return;
    const made = EventCalendar.create(place.current, options(props, () => latest.current));
    calendar.current = made;
    return () => EventCalendar.destroy(made);
  }, []);
  useEffect(() => {
    calendar.current?.setOption('events', props.lessons.map(toEvent));
  }, [props.lessons]);

  return (
    <div class="stack tight">
      <p class="soft small">{t('calendar.zone', { zone: ownZone })}</p>
      <div ref={place} />
    </div>
  );
}
