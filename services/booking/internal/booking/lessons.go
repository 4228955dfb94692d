package booking

import (
	"context"
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Lesson is a confirmed booking with its people. Their contacts are for admins. A person who has left, or whom the user
// service could not be asked for, has an id alone.
type Lesson struct {
	Booking

	ForAdmin         bool
	Student, Teacher *Person
}

// Lessons returns the confirmed bookings that the viewer may see, by the lesson's time: a student's own, a teacher's of
// the courses whose teacher they are and those that they gave, an admin's all. Returns Forbidden when a viewer who is no
// admin asks for a user's or a teacher's.
func (s *Service) Lessons(ctx context.Context, viewer Viewer, f LessonFilter) (Page[Lesson], error) {
	switch {
	case viewer.Admin:
	case f.UserID != nil || f.TeacherID != nil:
		return Page[Lesson]{}, errs.Forbidden
	case viewer.Teacher:
		f.TeacherID = &viewer.UserID
	default:
		f.UserID = &viewer.UserID
	}

	limit := f.Limit
	f.Limit++

	found, err := s.store.Lessons(ctx, f)
	if err != nil {
		return Page[Lesson]{}, err
	}

	items, next := cut(found, limit, func(b *Booking) Position { return Position{At: b.Lesson().StartsAt, ID: b.ID} })

	return Page[Lesson]{Items: s.showLessons(ctx, viewer, items...), Next: next}, nil
}

// showLessons adds students and teachers, all in one call.
func (s *Service) showLessons(ctx context.Context, viewer Viewer, bookings ...Booking) []Lesson {
	var ids []uuid.UUID

	for i := range bookings {
		ids = append(ids, bookings[i].UserID)
		if bookings[i].TeacherID != nil {
			ids = append(ids, *bookings[i].TeacherID)
		}
	}

	people := s.people(ctx, ids)
	lessons := make([]Lesson, len(bookings))

	for i := range bookings {
		b := &bookings[i]

		lessons[i] = Lesson{Booking: *b, ForAdmin: viewer.Admin, Student: entry(people, b.UserID)}
		if b.TeacherID != nil {
			lessons[i].Teacher = entry(people, *b.TeacherID)
		}
	}

	return lessons
}

// Attendance says whether the student of a lesson was there.
type Attendance struct {
	BookingID uuid.UUID
	By        Viewer
	Attended  bool
	Note      *string
}

// Refusal says why the attendance cannot be noted at the moment now: NotFound, also for a lesson that another teacher
// gives, or LessonNotBegun. B is nil when there is no such booking.
func (a Attendance) Refusal(b *Booking, now time.Time) error {
	if b == nil || b.Status != Confirmed {
		return bookingerrs.NotFound
	}

	if !a.By.Admin && (b.TeacherID == nil || *b.TeacherID != a.By.UserID) {
		return bookingerrs.NotFound
	}

	if lesson := b.Lesson(); lesson != nil && now.Before(lesson.StartsAt) {
		return bookingerrs.LessonNotBegun
	}

	return nil
}

// Attend notes whether the student was there; it may be said again. Returns what Attendance.Refusal says.
func (s *Service) Attend(ctx context.Context, a Attendance) (Lesson, error) {
	b, err := s.store.Attend(ctx, a)
	if err != nil {
		return Lesson{}, err
	}

	return s.showLessons(ctx, a.By, b)[0], nil
}
