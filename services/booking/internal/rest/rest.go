// Package rest answers the booking service's HTTP requests. What reaches a handler is authenticated and valid.
package rest

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// Bookings are the use cases; booking.Service has them.
type Bookings interface {
	Create(ctx context.Context, r booking.Request) (booking.Booking, error)
	Get(ctx context.Context, id uuid.UUID, viewer booking.Viewer) (booking.Booking, error)
	List(ctx context.Context, viewer booking.Viewer, status *booking.Status, after *booking.Position, limit int) (booking.Page[booking.Booking], error)
	ListPending(ctx context.Context, after *booking.Position, limit int) (booking.Page[booking.Awaiting], error)
	CountPending(ctx context.Context) (int64, error)
	Cancel(ctx context.Context, id, userID uuid.UUID) (booking.Booking, error)
	Confirm(ctx context.Context, id, slot uuid.UUID) (booking.Booking, error)
	Reject(ctx context.Context, id uuid.UUID, note *string) (booking.Booking, error)
	Revoke(ctx context.Context, id uuid.UUID, note string) (booking.Booking, error)
}

// Handlers implement the generated server interface.
type Handlers struct{ bookings Bookings }

var _ bookinghttp.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, bookings Bookings) {
	strict := bookinghttp.NewStrictHandlerWithOptions(&Handlers{bookings: bookings}, nil,
		httpserver.StrictOptions[bookinghttp.StrictGinServerOptions]())
	bookinghttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[bookinghttp.GinServerOptions]())
}

// me returns who is signed in. The server lets nobody else through where the contract asks for a person.
func me(ctx context.Context) (booking.Viewer, error) {
	p, ok := auth.PrincipalFrom(ctx)
	if !ok {
		return booking.Viewer{}, errs.MissingToken
	}

	return booking.Viewer{UserID: p.UserID, Admin: p.Role == auth.Admin}, nil
}
