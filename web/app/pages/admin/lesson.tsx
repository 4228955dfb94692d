import type { Lesson } from '../../core/api.js';
import { t, word } from '../../core/i18n.js';
import { Dialog } from '../../ui/dialog.js';
import { SlotTime } from '../../ui/time.js';
import { Attendance } from '../teach.js';

interface Props {
  lesson: Lesson;
  onClose: () => void;
  onChange: () => void;
  onRevoke: () => void;
}

/** One lesson: who comes, and what can still be done about it. */
export function LessonDialog({ lesson, onClose, onChange, onRevoke }: Props) {
  const begun = Date.parse(lesson.slot.starts_at) <= Date.now();
  const changed = () => {
    onClose();
    onChange();
  };

  return (
    <Dialog title={lesson.course.title} onClose={onClose}>
      <Facts lesson={lesson} />
      {begun ? (
        <Attendance lesson={lesson} onChange={changed} />
      ) : (
        <p>
          <button type="button" class="button danger" onClick={onRevoke}>
            {t('revoke.title')}
          </button>
        </p>
      )}
    </Dialog>
  );
}

function Facts({ lesson }: { lesson: Lesson }) {
  const { student, teacher } = lesson;
  return (
    <dl class="facts">
      <dt>{t('lesson.when')}</dt>
      <dd>
        <SlotTime slot={lesson.slot} />
      </dd>
      <dt>{word('role', 'student')}</dt>
      <dd class="stack tight">
        <a href={`/admin/people/${student.id}`}>{student.full_name}</a>
        {student.email && <a href={`mailto:${student.email}`}>{student.email}</a>}
        {student.phone && <a href={`tel:${student.phone.replace(/[^+\d]/g, '')}`}>{student.phone}</a>}
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
