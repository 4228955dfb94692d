package rest

import (
	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
)

func toAPI(b *booking.Booking) bookinghttp.Booking {
	return bookinghttp.Booking{
		Id:                 b.ID,
		UserId:             b.UserID,
		CourseId:           b.CourseID,
		FirstChoiceSlotId:  b.FirstChoice,
		SecondChoiceSlotId: b.SecondChoice,
		Status:             bookinghttp.BookingStatus(b.Status),
		StatusReason:       (*bookinghttp.StatusReason)(b.StatusReason),
		Note:               b.Note,
		CreatedAt:          b.CreatedAt,
		ExpiresAt:          b.ExpiresAt,
		ConfirmedSlotId:    b.ConfirmedSlotID,
		ConfirmedAt:        b.ConfirmedAt,
		DecisionNote:       b.DecisionNote,
	}
}

func toPending(a *booking.Awaiting) bookinghttp.PendingBooking {
	b := toAPI(&a.Booking)

	return bookinghttp.PendingBooking{
		Id:                 b.Id,
		UserId:             b.UserId,
		CourseId:           b.CourseId,
		FirstChoiceSlotId:  b.FirstChoiceSlotId,
		SecondChoiceSlotId: b.SecondChoiceSlotId,
		Status:             b.Status,
		StatusReason:       b.StatusReason,
		Note:               b.Note,
		CreatedAt:          b.CreatedAt,
		ExpiresAt:          b.ExpiresAt,
		ConfirmedSlotId:    b.ConfirmedSlotId,
		ConfirmedAt:        b.ConfirmedAt,
		DecisionNote:       b.DecisionNote,
		User:               a.User,
		Course:             a.Course,
		FirstChoice:        a.FirstSlot,
		SecondChoice:       a.SecondSlot,
	}
}
