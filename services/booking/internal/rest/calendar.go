package rest

import (
	"context"
	"strings"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/ical"
)

// calendarSuffix ends a calendar's address behind its secret.
const calendarSuffix = ".ics"

// GetCalendar answers calendar programs with the lessons behind a secret address.
func (h *Handlers) GetCalendar(ctx context.Context, r bookinghttp.GetCalendarRequestObject) (bookinghttp.GetCalendarResponseObject, error) {
	secret, ok := strings.CutSuffix(r.File, calendarSuffix)
	if !ok {
		return nil, errs.NotFound
	}

	lessons, owner, err := h.bookings.Calendar(ctx, secret)
	if err != nil {
		return nil, err
	}

	events := make([]ical.Event, 0, len(lessons))
	for i := range lessons {
		events = append(events, toEvent(&lessons[i]))
	}

	name := "Lessons"
	if owner.Indonesian {
		name = "Les"
	}

	file := ical.Calendar(name, events...)

	return bookinghttp.GetCalendar200TextcalendarCharsetUtf8Response{
		Body:          strings.NewReader(file),
		ContentLength: int64(len(file)),
	}, nil
}

// toEvent renders a lesson.
func toEvent(l *booking.Lesson) ical.Event {
	slot := l.Lesson()

	summary := l.Booking.Course().Title
	if l.Student != nil {
		summary += " (" + l.Student.FullName + ")"
	}

	return ical.Event{
		BookingID: l.ID,
		Sequence:  int(l.Sequence()),
		Changed:   l.LastChange(),
		Start:     slot.StartsAt,
		End:       slot.EndsAt,
		Summary:   summary,
		Cancelled: l.Status == booking.Cancelled,
	}
}
