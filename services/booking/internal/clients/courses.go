// Package clients calls the services that bookings need, through the sidecar.
package clients

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
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

// Reserve implements booking.Courses.
func (c *Courses) Reserve(ctx context.Context, b *booking.Booking) (booking.Reservation, error) {
	answer, err := c.client.ReserveWithResponse(ctx, coursehttp.ReservationRequest{
		BookingId: b.ID,
		CourseId:  b.CourseID,
		SlotIds:   []uuid.UUID{b.FirstChoice, b.SecondChoice},
	})
	if err != nil {
		return booking.Reservation{}, unreadable("reserve", err)
	}

	if answer.JSON200 == nil {
		return booking.Reservation{}, refusal("reserve", answer.StatusCode(), answer.Body)
	}

	return booking.Reservation{
		State: booking.ReservationState(answer.JSON200.State), Lesson: lesson(answer.JSON200.Snapshot),
	}, nil
}

func lesson(l *coursehttp.Snapshot) *booking.Lesson {
	if l == nil {
		return nil
	}

	found := &booking.Lesson{CourseTitle: l.Course.Title, Slots: map[uuid.UUID]bookingevents.Slot{}}
	for _, slot := range l.Slots {
		found.Slots[slot.Id] = bookingevents.Slot{
			StartsAt: slot.StartsAt,
			EndsAt:   slot.EndsAt,
			TimeZone: slot.TimeZone,
		}
	}

	return found
}

// Settle implements booking.Courses.
func (c *Courses) Settle(ctx context.Context, bookingID uuid.UUID, confirmed *uuid.UUID) (booking.ReservationState, error) {
	answer, err := c.client.SettleWithResponse(ctx, bookingID, coursehttp.Settlement{ConfirmedSlotId: confirmed})
	if err != nil {
		return "", unreadable("settle", err)
	}

	if answer.JSON200 == nil {
		return "", failure("settle", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	return booking.ReservationState(answer.JSON200.State), nil
}

// Lookup implements booking.Courses.
func (c *Courses) Lookup(ctx context.Context, courses, slots []uuid.UUID) (booking.Catalogue, error) {
	answer, err := c.client.LookupCatalogWithResponse(ctx, coursehttp.CatalogLookup{CourseIds: &courses, SlotIds: &slots})
	if err != nil {
		return booking.Catalogue{}, unreadable("look up courses", err)
	}

	if answer.JSON200 == nil {
		return booking.Catalogue{}, failure("look up courses", errs.FromResponse(answer.StatusCode(), answer.Body))
	}

	found := booking.Catalogue{Courses: map[uuid.UUID]coursehttp.Course{}, Slots: map[uuid.UUID]coursehttp.Slot{}}
	for _, course := range answer.JSON200.Courses {
		found.Courses[course.Id] = course
	}

	for _, slot := range answer.JSON200.Slots {
		found.Slots[slot.Id] = slot
	}

	return found, nil
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
