// Package clients calls the services that bookings need, through the sidecar.
package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Courses implements booking.Courses.
type Courses struct {
	client *coursehttp.ClientWithResponses
}

// NewCourses returns the course service behind baseURL.
func NewCourses(baseURL string, doer coursehttp.HttpRequestDoer) (*Courses, error) {
	client, err := coursehttp.NewClientWithResponses(baseURL, coursehttp.WithHTTPClient(doer))
	if err != nil {
		return nil, fmt.Errorf("set up the client of the course service: %w", err)
	}

	return &Courses{client: client}, nil
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
	if err != nil {
		return booking.Reservation{}, unreadable("reserve", err)
	}

	if answer.JSON200 == nil {
		return booking.Reservation{}, refusal("reserve", answer.StatusCode(), answer.Body)
	}

	return booking.Reservation{
		State: booking.ReservationState(answer.JSON200.State), Snapshot: fromSnapshot(answer.JSON200.Snapshot),
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
	if err != nil {
		return "", unreadable("settle", err)
	}

	if answer.JSON200 == nil {
		return "", failure("settle", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	return booking.ReservationState(answer.JSON200.State), nil
}

// Teachers implements booking.Courses.
func (c *Courses) Teachers(ctx context.Context, courses []uuid.UUID) (map[uuid.UUID]*string, error) {
	answer, err := c.client.LookupCourseTeachersWithResponse(ctx, coursehttp.CourseIds{CourseIds: courses})
	if err != nil {
		return nil, unreadable("look up the teachers of courses", err)
	}

	if answer.JSON200 == nil {
		return nil, failure("look up the teachers of courses", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	emails := make(map[uuid.UUID]*string, len(answer.JSON200.Items))
	for _, item := range answer.JSON200.Items {
		emails[item.CourseId] = item.TeacherEmail
	}

	return emails, nil
}

// refusal returns a refusal of the contract in our own words, so that it can be remembered in both languages.
func refusal(call string, status int, body []byte) error {
	err := errs.FromResponse(status, body)
	for _, kind := range booking.ReserveRefusals() {
		if e, ok := errs.As(err); ok && errors.Is(err, kind) {
			return kind.With(e.Details)
		}
	}

	return failure(call, err)
}

// failure keeps what a neighbour says about our call from our own caller, who has not made it.
func failure(call string, err error) error {
	if e, ok := errs.As(err); ok && e.Kind.Status() == http.StatusServiceUnavailable {
		return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
	}

	return errs.Internal.Wrap(fmt.Errorf("%s: %w", call, err))
}

// unreadable is for calls that have brought no answer, or half of one.
func unreadable(call string, err error) error {
	return errs.Unavailable.Wrap(fmt.Errorf("%s: %w", call, err))
}
