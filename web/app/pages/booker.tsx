import { useLocation } from 'preact-iso/router';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, idempotencyKey, isApiError, unwrap } from '../../client/src/index.js';
import { type Booking, type Course, me, rest, type Slot } from '../core/api.js';
import { keepChoice, nearest, takeChoice } from '../core/choice.js';
import { dayKey, money, moment, startOfWeek } from '../core/dates.js';
import { t } from '../core/i18n.js';
import { Form, Submit, text } from '../ui/form.js';
import { Select, TextArea } from '../ui/fields.js';
import { BothChoices, SlotTime, ZoneNote } from '../ui/time.js';
import { type Choice, Week } from '../ui/week.js';

interface Props {
  course: Course;
  free: Slot[];
  reload: () => void;
  /** The confirmed booking whose lesson is to be moved. */
  replaces?: string;
}

/** Two slots of a course, and the request for them. */
export function Booker({ course, free, reload, replaces }: Props) {
  const [choice, setChoice] = useState<Choice>(() => {
    const [first = null, second = null] = takeChoice(course.id, free);
    return { first, second };
  });
  const [gone, setGone] = useState<Slot[]>([]);
  const [done, setDone] = useState<Booking>();
  const start = choice.first ?? free[0];
  const [week, setWeek] = useState(() => startOfWeek(start ? dayKey(start.starts_at, start.time_zone) : new Date().toISOString().slice(0, 10)));

  // Another list of free slots may no longer have what was chosen.
  useEffect(() => {
    const lost = [choice.first, choice.second].filter((slot): slot is Slot => slot !== null && !free.some(({ id }) => id === slot.id));
    if (lost.length === 0) return;
    setGone(lost);
    setChoice({ first: keep(choice.first, lost), second: keep(choice.second, lost) });
  }, [free]);

  const choose = (slot: Slot, place?: keyof Choice) => {
    setGone([]);
    setChoice((former) => chosen(former, slot, place));
  };

  if (done) return <Sent booking={done} />;
  if (free.length === 0) return <p class="empty">{t('week.nothing')}</p>;
  return (
    <div class="stack">
      <p class="soft">{t('slots.how')}</p>
      <p class="soft small keys">
        <kbd>1</kbd> {t('choice.first')} · <kbd>2</kbd> {t('choice.second')} · <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> {t('slots.keys')}
      </p>
      <ZoneNote slots={free} />
      <Taken gone={gone} free={free} choice={choice} onChoose={choose} />
      <Week slots={merge(free, gone)} choice={choice} lost={new Set(gone.map(({ id }) => id))} week={week} onWeek={setWeek} onChoose={choose} />
      <Request course={course} choice={choice} setChoice={setChoice} reload={reload} onDone={setDone} {...(replaces && { replaces })} />
    </div>
  );
}

const keep = (slot: Slot | null, lost: Slot[]) => (slot && lost.some(({ id }) => id === slot.id) ? null : slot);

const merge = (free: Slot[], gone: Slot[]) =>
  [...free, ...gone.filter((slot) => !free.some(({ id }) => id === slot.id))].sort((a, b) => a.starts_at.localeCompare(b.starts_at));

/** What is chosen after a click or key: a chosen slot is given up, another one takes the named or the next free place. */
export function chosen({ first, second }: Choice, slot: Slot, place?: keyof Choice): Choice {
  const without = { first: first?.id === slot.id ? null : first, second: second?.id === slot.id ? null : second };
  if (place) return { ...without, [place]: slot };
  if (first?.id === slot.id || second?.id === slot.id) return without;
  return first ? { first, second: slot } : { first: slot, second };
}

/** Says kindly that somebody was faster, and what is near. */
function Taken({ gone, free, choice, onChoose }: { gone: Slot[]; free: Slot[]; choice: Choice; onChoose: (slot: Slot) => void }) {
  const used = new Set([choice.first?.id ?? '', choice.second?.id ?? '', ...gone.map(({ id }) => id)]);
  if (gone.length === 0) return null;

  return (
    <div class="note warn stack tight" role="alert" id="taken">
      {gone.map((slot) => (
        <div class="stack tight" key={slot.id}>
          <p>
            {t('taken.text')} <SlotTime slot={slot} />
          </p>
          <p class="small">{t('taken.near')}</p>
          <p class="row">
            {nearest(slot, free, used).map((other) => (
              <button type="button" class="button" key={other.id} onClick={() => onChoose(other)}>
                <SlotTime slot={other} />
              </button>
            ))}
          </p>
        </div>
      ))}
    </div>
  );
}

interface RequestProps extends Pick<Props, 'course' | 'reload' | 'replaces'> {
  choice: Choice;
  setChoice: (choice: Choice) => void;
  onDone: (booking: Booking) => void;
}

function Request({ course, choice, setChoice, reload, onDone, replaces }: RequestProps) {
  const { url } = useLocation();
  const key = useRef({ of: '', value: '' });
  const request = useRef<HTMLDivElement>(null);
  const { first, second } = choice;
  const role = me.value?.role;

  // Who had chosen before signing in goes on where they were.
  useEffect(() => {
    if (first && second) request.current?.scrollIntoView({ block: 'center' });
  }, []);

  const send = async (data: FormData) => {
    if (!first || !second) return;
    const slots = { first_choice_slot_id: first.id, second_choice_slot_id: second.id };
    const note = text(data, 'note');
    const chosenPackage = text(data, 'package');
    const wanted = { ...slots, ...(note && { note }), ...(chosenPackage && { package: chosenPackage }) };

    // The same request keeps its key when no answer came: the school may have taken it.
    const of = JSON.stringify(wanted);
    if (key.current.of !== of) key.current = { of, value: idempotencyKey() };
    try {
      onDone(await (replaces ? move(replaces, wanted) : create(course, key.current.value, wanted)));
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) key.current.of = '';
      if (!isApiError(error, 'BOOKING_INVALID_SLOTS', 'BOOKING_SLOT_IN_PAST')) throw error;
      reload();
    }
  };

  return (
    <div class="card stack chosen" ref={request}>
      <div class="picks" aria-live="polite">
        <Pick label={t('choice.first')} slot={first} onRemove={() => setChoice({ first: null, second })} />
        <Pick label={t('choice.second')} slot={second} onRemove={() => setChoice({ first, second: null })} />
      </div>
      {first && second && (
        <p>
          <button type="button" class="button quiet" onClick={() => setChoice({ first: second, second: first })}>
            ⇄ {t('choice.swap')}
          </button>
        </p>
      )}
      {!role && (
        <p>
          <a class="button primary" href={`/login?next=${encodeURIComponent(url)}`} onClick={() => keepChoice(course.id, [first, second])}>
            {t('slots.signin')}
          </a>
        </p>
      )}
      {role && role !== 'student' && <p class="soft">{t('slots.students')}</p>}
      {role === 'student' && (
        <Form onSubmit={send} label={t('slots.title')}>
          {!replaces && course.packages.length > 0 && <PackageSelect course={course} />}
          <TextArea name="note" label={t('booking.note')} hint={t('booking.note_hint')} maxLength={500} optional />
          <p class="soft small">{t('slots.promise')}</p>
          <div class="row">
            <Submit disabled={!first || !second}>{replaces ? t('move.send') : t('slots.send')}</Submit>
            {(!first || !second) && <span class="soft small">{t('slots.missing')}</span>}
          </div>
        </Form>
      )}
    </div>
  );
}

interface Wanted {
  first_choice_slot_id: string;
  second_choice_slot_id: string;
  note?: string;
  package?: string;
}

const create = (course: Course, key: string, wanted: Wanted) =>
  unwrap(
    rest.POST('/api/bookings/create', {
      params: { header: { 'Idempotency-Key': key } },
      body: { course_id: course.id, ...wanted },
    }),
  );

const move = (id: string, wanted: Wanted) => unwrap(rest.POST('/api/bookings/{id}/reschedule', { params: { path: { id } }, body: wanted }));

function PackageSelect({ course }: { course: Course }) {
  const options = course.packages.map((item) => ({
    value: item.name,
    label: [item.title, item.price && item.currency && money(item.price, item.currency)].filter(Boolean).join(' · '),
  }));
  return <Select name="package" label={t('booking.package')} options={[{ value: '', label: t('booking.single') }, ...options]} optional />;
}

function Pick({ label, slot, onRemove }: { label: string; slot: Slot | null; onRemove: () => void }) {
  return (
    <div class={slot ? 'pick set' : 'pick'}>
      <strong>{label}</strong>
      {slot ? <SlotTime slot={slot} /> : <span class="soft">{t('choice.open')}</span>}
      {slot && (
        <span>
          <button type="button" class="button quiet" onClick={onRemove} aria-label={t('choice.remove', { choice: label })}>
            {t('remove')}
          </button>
        </span>
      )}
    </div>
  );
}

/** The request is with the school. */
function Sent({ booking }: { booking: Booking }) {
  return (
    <div class="note good stack" role="status">
      <h3>{t('sent.title')}</h3>
      <p>{t('sent.text', { until: moment(booking.expires_at) })}</p>
      <ul class="stack tight">
        <BothChoices first={booking.first_choice} second={booking.second_choice} />
      </ul>
      <p class="row">
        <a class="button primary" href="/bookings">
          {t('sent.bookings')}
        </a>
        <a class="button" href="/">
          {t('sent.courses')}
        </a>
      </p>
    </div>
  );
}
