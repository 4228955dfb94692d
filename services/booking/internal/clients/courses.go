// Package clients calls the services that bookings need, through the sidecar.
package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/serviceclient"
)

const (
	// reservationsAtOnce is how many bookings one call is about.
	reservationsAtOnce = 20
	// reservationPatience is for how long a call keeps other bookings waiting.
	reservationPatience = 50 * time.Millisecond
)

var errOpen = errors.New("the course service does not say what has become of it")

// Courses implements booking.Courses.
type Courses struct {
	client       *coursehttp.ClientWithResponses
	reservations *batch.Group[coursehttp.ReservationRequest, *coursehttp.Reservation]
}

// NewCourses returns the course service behind baseURL.
func NewCourses(baseURL string, doer coursehttp.HttpRequestDoer) *Courses {
	c := &Courses{client: serviceclient.New(coursehttp.NewClientWithResponses, baseURL, coursehttp.WithHTTPClient(doer))}
	c.reservations = batch.NewGroup(c.reserveAll, reservationsAtOnce, reservationPatience)

	return c
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

	made, err := c.reservations.Do(ctx, request)
	if err != nil {
		return booking.Reservation{}, err
	}

	return booking.Reservation{
		State: booking.ReservationState(made.State), Snapshot: fromSnapshot(made.Snapshot),
	}, nil
}

// reserveAll reserves for bookings that came at the same time by one call.
func (c *Courses) reserveAll(ctx context.Context, requests []coursehttp.ReservationRequest) []batch.Result[*coursehttp.Reservation] {
	if len(requests) == 1 {
		return c.reserveEach(ctx, requests)
	}

	answer, err := c.client.ReserveManyWithResponse(ctx, coursehttp.ReservationRequests{Reservations: requests})
	if err == nil && answer.StatusCode() == http.StatusNotFound {
		return c.reserveEach(ctx, requests) // a replica of a version that does not know the call
	}

	body, err := serviceclient.Result("reserve for several bookings", answer, err)
	if err == nil && len(body.Items) != len(requests) {
		err = errs.Unavailable.Wrap(errOpen)
	}

	if err != nil {
		return batch.Fail[*coursehttp.Reservation](len(requests), err)
	}

	results := make([]batch.Result[*coursehttp.Reservation], len(requests))
	for i, item := range body.Items {
		results[i].Answer, results[i].Err = item.Reservation, reserveError(item)
	}

	return results
}

func (c *Courses) reserveEach(ctx context.Context, requests []coursehttp.ReservationRequest) []batch.Result[*coursehttp.Reservation] {
	return batch.Each(requests, func(r coursehttp.ReservationRequest) (*coursehttp.Reservation, error) {
		answer, err := c.client.ReserveWithResponse(ctx, r)
		return serviceclient.Result("reserve", answer, err, booking.ReserveRefusals()...)
	})
}

// reserveError is what one of several bookings is refused with, nil if it has a reservation.
func reserveError(item coursehttp.ReservationAnswer) error {
	if item.Reservation != nil {
		return nil
	}

	if item.Refusal == nil {
		return errs.Unavailable.Wrap(errOpen)
	}

	for _, kind := range booking.ReserveRefusals() {
		if kind.Code() == item.Refusal.Code {
			return kind.With(item.Refusal.Details)
		}
	}

	return errs.Internal.Wrap(fmt.Errorf("reserve: refused with %s", item.Refusal.Code))
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

	body, err := serviceclient.Result("settle", answer, err)
	if err != nil {
		return "", err
	}

	return booking.ReservationState(body.State), nil
}

// Describe implements booking.Courses.
func (c *Courses) Describe(ctx context.Context, courses, slots []uuid.UUID) (booking.Catalogue, error) {
	answer, err := c.client.LookupCatalogWithResponse(ctx, coursehttp.CatalogLookup{CourseIds: &courses, SlotIds: &slots})

	body, err := serviceclient.Result("look up courses and slots", answer, err)
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

	body, err := serviceclient.Result("look up the teachers of courses", answer, err)
	if err != nil {
		return nil, err
	}

	emails := make(map[uuid.UUID]*string, len(body.Items))
	for _, item := range body.Items {
		emails[item.CourseId] = item.TeacherEmail
	}

	return emails, nil
}
