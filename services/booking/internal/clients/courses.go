// Package clients calls the services that bookings need, through the sidecar.
package clients

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/kit/neighbour"
)

// Courses implements booking.Courses.
type Courses struct {
	client *coursehttp.ClientWithResponses
}

// NewCourses returns the course service behind baseURL.
func NewCourses(baseURL string, doer coursehttp.HttpRequestDoer) *Courses {
	return &Courses{client: neighbour.New(coursehttp.NewClientWithResponses, baseURL, coursehttp.WithHTTPClient(doer))}
}

// Reserve implements booking.Courses. A booking that replaces another one keeps that one's package, which the course
// may not have any more; so none is asked for.
func (c *Courses) Reserve(ctx context.Context, b *booking.Booking) (booking.Reservation, error) {
	request := coursehttp.ReservationRequest{
		BookingId: b.ID,
		CourseId:  b.CourseID,
		SlotIds:   []uuid.UUID{b.FirstChoice, b.SecondChoice},
	}
	if b.Replaces == nil {
		request.Package = b.Package
	}

	answer, err := c.client.ReserveWithResponse(ctx, request)

	body, err := neighbour.Result("reserve", answer, err, booking.ReserveRefusals()...)
	if err != nil {
		return booking.Reservation{}, err
	}

	return booking.Reservation{
		State: booking.ReservationState(body.State), Snapshot: fromSnapshot(body.Snapshot),
	}, nil
}

func fromSnapshot(s *coursehttp.Snapshot) *booking.Snapshot {
	if s == nil {
		return nil
	}

	about := &booking.Snapshot{
		Course: booking.Course{
			ID:         s.Course.Id,
			Name:       s.Course.Name,
			Title:      s.Course.Title,
			Instrument: s.Course.Instrument,
			Level:      string(s.Course.Level),
			Teacher:    s.Course.Teacher,
		},
		Slots: map[uuid.UUID]booking.Slot{},
	}
	if s.Package != nil {
		about.Package = &booking.Package{
			Name:     s.Package.Name,
			Title:    s.Package.Title,
			Lessons:  s.Package.Lessons,
			Price:    s.Package.Price,
			Currency: s.Package.Currency,
		}
	}

	for _, slot := range s.Slots {
		about.Slots[slot.Id] = booking.Slot{
			StartsAt: slot.StartsAt,
			EndsAt:   slot.EndsAt,
			TimeZone: slot.TimeZone,
		}
	}

	return about
}

// Settle implements booking.Courses.
func (c *Courses) Settle(ctx context.Context, s booking.Settlement) (booking.ReservationState, error) {
	answer, err := c.client.SettleWithResponse(ctx, s.BookingID, coursehttp.Settlement{
		ConfirmedSlotId: s.Confirmed,
		Replaces:        s.Replaces,
	})

	body, err := neighbour.Result("settle", answer, err)
	if err != nil {
		return "", err
	}

	return booking.ReservationState(body.State), nil
}

// Describe implements booking.Courses.
func (c *Courses) Describe(ctx context.Context, courses, slots []uuid.UUID) (booking.Catalogue, error) {
	answer, err := c.client.LookupCatalogWithResponse(ctx, coursehttp.CatalogLookup{CourseIds: &courses, SlotIds: &slots})

	body, err := neighbour.Result("look up courses and slots", answer, err)
	if err != nil {
		return booking.Catalogue{}, err
	}

	found := booking.Catalogue{Courses: map[uuid.UUID]booking.Course{}, Slots: map[uuid.UUID]booking.Slot{}}

	for i := range body.Courses {
		course := &body.Courses[i]
		found.Courses[course.Id] = booking.Course{
			ID:         course.Id,
			Name:       course.Name,
			Title:      course.Title,
			Instrument: course.Instrument,
			Level:      string(course.Level),
			Teacher:    course.Teacher,
		}
	}

	for _, slot := range body.Slots {
		found.Slots[slot.Id] = booking.Slot{
			StartsAt: slot.StartsAt,
			EndsAt:   slot.EndsAt,
			TimeZone: slot.TimeZone,
		}
	}

	return found, nil
}

// Teachers implements booking.Courses.
func (c *Courses) Teachers(ctx context.Context, courses []uuid.UUID) (map[uuid.UUID]*string, error) {
	answer, err := c.client.LookupCourseTeachersWithResponse(ctx, coursehttp.CourseIds{CourseIds: courses})

	body, err := neighbour.Result("look up the teachers of courses", answer, err)
	if err != nil {
		return nil, err
	}

	emails := make(map[uuid.UUID]*string, len(body.Items))
	for _, item := range body.Items {
		emails[item.CourseId] = item.TeacherEmail
	}

	return emails, nil
}
