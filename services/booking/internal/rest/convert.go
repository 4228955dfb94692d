package rest

import (
	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
)

func toBooking(v *booking.View) bookinghttp.Booking {
	answer := bookinghttp.Booking{
		Id:                 v.ID,
		UserId:             v.UserID,
		CourseId:           v.CourseID,
		FirstChoiceSlotId:  v.FirstChoice,
		SecondChoiceSlotId: v.SecondChoice,
		Package:            v.Package,
		Status:             bookinghttp.BookingStatus(v.Status),
		StatusReason:       (*bookinghttp.StatusReason)(v.StatusReason),
		Note:               v.Note,
		CreatedAt:          v.CreatedAt,
		ExpiresAt:          v.ExpiresAt,
		ConfirmedSlotId:    v.ConfirmedSlotID,
		ConfirmedAt:        v.ConfirmedAt,
		DecidedBy:          v.DecidedBy,
		DecisionNote:       v.DecisionNote,
		Replaces:           v.Replaces,
		Course:             toCourse(v.Course()),
		FirstChoice:        toSlot(&v.Booking, v.FirstChoice),
		SecondChoice:       toSlot(&v.Booking, v.SecondChoice),
	}
	if v.ConfirmedSlotID != nil {
		answer.ConfirmedSlot = toSlot(&v.Booking, *v.ConfirmedSlotID)
	}

	if v.ForAdmin {
		answer.User = toUser(v.User)
	}

	return answer
}

func toCourse(c booking.Course) bookinghttp.BookingCourse {
	return bookinghttp.BookingCourse{
		Id:         c.ID,
		Name:       c.Name,
		Title:      c.Title,
		Instrument: c.Instrument,
		Level:      toLevel(c.Level),
		Teacher:    c.Teacher,
	}
}

// toLevel gives the bookings of before snapshots, which don't know it, the lowest level.
func toLevel(level string) bookinghttp.Level {
	if level == "" {
		return bookinghttp.Beginner
	}

	return bookinghttp.Level(level)
}

// toSlot renders a chosen slot; nil where it is not known any more when it is.
func toSlot(b *booking.Booking, id uuid.UUID) *bookinghttp.BookingSlot {
	slot := b.Slot(id)
	if slot == nil {
		return nil
	}

	return &bookinghttp.BookingSlot{
		Id:       id,
		StartsAt: slot.StartsAt.UTC(),
		EndsAt:   slot.EndsAt.UTC(),
		TimeZone: slot.TimeZone,
	}
}

func toUser(p *booking.Person) nullable.Nullable[bookinghttp.BookingUser] {
	if p == nil {
		return nullable.NewNullNullable[bookinghttp.BookingUser]()
	}

	return nullable.NewNullableWithValue(bookinghttp.BookingUser{
		Id:       p.ID,
		FullName: p.FullName,
		Email:    p.Email,
		Phone:    p.Phone,
	})
}

func toLesson(l *booking.Lesson) bookinghttp.Lesson {
	answer := bookinghttp.Lesson{
		BookingId:      l.ID,
		Course:         toCourse(l.Course()),
		Slot:           *toSlot(&l.Booking, *l.ConfirmedSlotID), // those that don't know it are no lessons
		Student:        toStudent(l),
		Package:        l.Package,
		Note:           l.Note,
		Attended:       l.Attended,
		AttendanceNote: l.AttendanceNote,
	}
	if l.TeacherID != nil {
		answer.Teacher = &bookinghttp.LessonTeacher{Id: *l.TeacherID}
		if l.Teacher != nil {
			answer.Teacher.FullName = l.Teacher.FullName
		}
	}

	return answer
}

func toStudent(l *booking.Lesson) bookinghttp.LessonStudent {
	student := bookinghttp.LessonStudent{Id: l.UserID}
	if l.Student == nil {
		return student
	}

	student.FullName = l.Student.FullName
	if !l.ForAdmin {
		return student
	}

	student.Email, student.Phone = &l.Student.Email, nullable.NewNullNullable[string]()
	if l.Student.Phone != nil {
		student.Phone = nullable.NewNullableWithValue(*l.Student.Phone)
	}

	return student
}
