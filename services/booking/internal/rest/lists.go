package rest

import (
	"context"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/page"
)

// ListBookings answers with a page of bookings, newest first.
func (h *Handlers) ListBookings(ctx context.Context, r bookinghttp.ListBookingsRequestObject) (bookinghttp.ListBookingsResponseObject, error) {
	viewer, err := me(ctx)
	if err != nil {
		return nil, err
	}

	asked, err := page.Ask[booking.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, err := h.bookings.List(ctx, viewer, booking.Filter{
		UserID:   r.Params.UserId,
		CourseID: r.Params.CourseId,
		Status:   (*booking.Status)(r.Params.Status),
		From:     r.Params.From,
		To:       r.Params.To,
		After:    asked.After,
		Limit:    asked.Limit,
	})
	if err != nil {
		return nil, err
	}

	return bookinghttp.ListBookings200JSONResponse(toList(found)), nil
}

// ListPendingBookings answers with a page of bookings that wait for a decision, oldest first.
func (h *Handlers) ListPendingBookings(ctx context.Context, r bookinghttp.ListPendingBookingsRequestObject) (bookinghttp.ListPendingBookingsResponseObject, error) {
	asked, err := page.Ask[booking.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, err := h.bookings.ListPending(ctx, asked.After, asked.Limit)
	if err != nil {
		return nil, err
	}

	return bookinghttp.ListPendingBookings200JSONResponse(toList(found)), nil
}

func toList(found booking.Page[booking.View]) bookinghttp.BookingList {
	list := bookinghttp.BookingList{Items: make([]bookinghttp.Booking, len(found.Items)), NextCursor: page.Next(found.Next)}
	for i := range found.Items {
		list.Items[i] = toBooking(&found.Items[i])
	}

	return list
}

// GetBookingStats answers with the number of bookings that wait for a decision.
func (h *Handlers) GetBookingStats(ctx context.Context, _ bookinghttp.GetBookingStatsRequestObject) (bookinghttp.GetBookingStatsResponseObject, error) {
	count, err := h.bookings.CountPending(ctx)
	if err != nil {
		return nil, err
	}

	return bookinghttp.GetBookingStats200JSONResponse{Count: count}, nil
}

// ReportBookings answers with what became of the bookings.
func (h *Handlers) ReportBookings(ctx context.Context, r bookinghttp.ReportBookingsRequestObject) (bookinghttp.ReportBookingsResponseObject, error) {
	if err := page.CheckRange(r.Params.From, r.Params.To); err != nil {
		return nil, err
	}

	query := booking.ReportQuery{
		By:   booking.ByDay,
		From: r.Params.From,
		To:   r.Params.To,
		Zone: h.zone,
	}
	if r.Params.By != nil {
		query.By = booking.Grouping(*r.Params.By)
	}

	found, err := h.bookings.Report(ctx, query)
	if err != nil {
		return nil, err
	}

	answer := bookinghttp.ReportBookings200JSONResponse{Items: make([]bookinghttp.BookingReportRow, len(found))}
	for i, row := range found {
		answer.Items[i] = bookinghttp.BookingReportRow{
			Key:                   row.Key,
			Created:               row.Created,
			Confirmed:             row.Confirmed,
			Rejected:              row.Rejected,
			Expired:               row.Expired,
			Cancelled:             row.Cancelled,
			MedianHoursToDecision: row.MedianHours,
		}
	}

	return answer, nil
}
