package rest

import (
	"context"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
)

// CreateBooking asks for a lesson.
func (h *Handlers) CreateBooking(ctx context.Context, r bookinghttp.CreateBookingRequestObject) (bookinghttp.CreateBookingResponseObject, error) {
	student, err := me(ctx)
	if err != nil {
		return nil, err
	}

	wish := booking.Request{
		UserID:       student.UserID,
		CourseID:     r.Body.CourseId,
		FirstChoice:  r.Body.FirstChoiceSlotId,
		SecondChoice: r.Body.SecondChoiceSlotId,
		Package:      r.Body.Package,
		Note:         r.Body.Note,
	}
	if r.Params.IdempotencyKey != nil {
		wish.Key = *r.Params.IdempotencyKey
	}

	b, err := h.bookings.Create(ctx, wish)
	if err != nil {
		return nil, err
	}

	return bookinghttp.CreateBooking201JSONResponse(h.toAPI(ctx, student, b)), nil
}

// RescheduleBooking asks for another time of a confirmed lesson.
func (h *Handlers) RescheduleBooking(ctx context.Context, r bookinghttp.RescheduleBookingRequestObject) (bookinghttp.RescheduleBookingResponseObject, error) {
	student, err := me(ctx)
	if err != nil {
		return nil, err
	}

	b, err := h.bookings.Reschedule(ctx, r.Id, booking.Request{
		UserID:       student.UserID,
		FirstChoice:  r.Body.FirstChoiceSlotId,
		SecondChoice: r.Body.SecondChoiceSlotId,
		Note:         r.Body.Note,
	})
	if err != nil {
		return nil, err
	}

	return bookinghttp.RescheduleBooking201JSONResponse(h.toAPI(ctx, student, b)), nil
}

// GetBooking answers with one booking.
func (h *Handlers) GetBooking(ctx context.Context, r bookinghttp.GetBookingRequestObject) (bookinghttp.GetBookingResponseObject, error) {
	viewer, err := me(ctx)
	if err != nil {
		return nil, err
	}

	found, err := h.bookings.Get(ctx, r.Id, viewer)
	if err != nil {
		return nil, err
	}

	return bookinghttp.GetBooking200JSONResponse(toBooking(&found)), nil
}

// CancelBooking withdraws one's own booking.
func (h *Handlers) CancelBooking(ctx context.Context, r bookinghttp.CancelBookingRequestObject) (bookinghttp.CancelBookingResponseObject, error) {
	student, err := me(ctx)
	if err != nil {
		return nil, err
	}

	b, err := h.bookings.Cancel(ctx, r.Id, student.UserID)
	if err != nil {
		return nil, err
	}

	return bookinghttp.CancelBooking200JSONResponse(h.toAPI(ctx, student, b)), nil
}

// ConfirmBooking confirms one of the two slots.
func (h *Handlers) ConfirmBooking(ctx context.Context, r bookinghttp.ConfirmBookingRequestObject) (bookinghttp.ConfirmBookingResponseObject, error) {
	admin, err := me(ctx)
	if err != nil {
		return nil, err
	}

	b, err := h.bookings.Confirm(ctx, r.Id, r.Body.SlotId, admin.UserID)
	if err != nil {
		return nil, err
	}

	return bookinghttp.ConfirmBooking200JSONResponse(h.toAPI(ctx, admin, b)), nil
}

// RejectBooking rejects a pending booking; the body may be missing.
func (h *Handlers) RejectBooking(ctx context.Context, r bookinghttp.RejectBookingRequestObject) (bookinghttp.RejectBookingResponseObject, error) {
	admin, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var note *string
	if r.Body != nil {
		note = r.Body.Reason
	}

	b, err := h.bookings.Reject(ctx, r.Id, admin.UserID, note)
	if err != nil {
		return nil, err
	}

	return bookinghttp.RejectBooking200JSONResponse(h.toAPI(ctx, admin, b)), nil
}

// RevokeBooking takes a confirmed booking back.
func (h *Handlers) RevokeBooking(ctx context.Context, r bookinghttp.RevokeBookingRequestObject) (bookinghttp.RevokeBookingResponseObject, error) {
	admin, err := me(ctx)
	if err != nil {
		return nil, err
	}

	b, err := h.bookings.Revoke(ctx, r.Id, admin.UserID, r.Body.Reason)
	if err != nil {
		return nil, err
	}

	return bookinghttp.RevokeBooking200JSONResponse(h.toAPI(ctx, admin, b)), nil
}

// toAPI renders a booking for its viewer.
func (h *Handlers) toAPI(ctx context.Context, viewer booking.Viewer, b booking.Booking) bookinghttp.Booking {
	view := h.bookings.Show(ctx, viewer, b)
	return toBooking(&view)
}
