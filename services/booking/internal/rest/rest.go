// Package rest answers the booking service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Bookings are the use cases; booking.Service has them.
type Bookings interface {
	Create(ctx context.Context, r booking.Request) (booking.Booking, error)
	Reschedule(ctx context.Context, id uuid.UUID, r booking.Request) (booking.Booking, error)
	Cancel(ctx context.Context, id, userID uuid.UUID) (booking.Booking, error)
	Confirm(ctx context.Context, id, slot, by uuid.UUID) (booking.Booking, error)
	Reject(ctx context.Context, id, by uuid.UUID, note *string) (booking.Booking, error)
	Revoke(ctx context.Context, id, by uuid.UUID, note string) (booking.Booking, error)

	Show(ctx context.Context, viewer booking.Viewer, b booking.Booking) booking.View
	Get(ctx context.Context, id uuid.UUID, viewer booking.Viewer) (booking.View, error)
	List(ctx context.Context, viewer booking.Viewer, f booking.Filter) (booking.Page[booking.View], error)
	ListPending(ctx context.Context, after *booking.Position, limit int) (booking.Page[booking.View], error)
	CountPending(ctx context.Context) (int64, error)
	Report(ctx context.Context, q booking.ReportQuery) ([]booking.ReportRow, error)

	Lessons(ctx context.Context, viewer booking.Viewer, f booking.LessonFilter) (booking.Page[booking.Lesson], error)
	Attend(ctx context.Context, a booking.Attendance) (booking.Lesson, error)
	Calendar(ctx context.Context, secret string) ([]booking.Lesson, booking.CalendarOwner, error)
}

// Handlers implement the generated server interface.
type Handlers struct {
	bookings Bookings
	// zone is the school's time zone.
	zone string
}

var _ bookinghttp.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine. Zone is the school's time zone, in which reports count days.
func Register(s *httpserver.Server, bookings Bookings, zone *time.Location) {
	strict := bookinghttp.NewStrictHandlerWithOptions(&Handlers{bookings: bookings, zone: zone.String()}, nil,
		httpserver.StrictOptions[bookinghttp.StrictGinServerOptions]())
	bookinghttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[bookinghttp.GinServerOptions]())
}

// me returns who is signed in. The server lets no anonymous caller through where the contract asks for a person.
func me(ctx context.Context) (booking.Viewer, error) {
	p, err := auth.SignedIn(ctx)
	if err != nil {
		return booking.Viewer{}, err
	}

	return booking.Viewer{UserID: p.UserID, Admin: p.Role == auth.Admin, Teacher: p.Role == auth.Teacher}, nil
}
