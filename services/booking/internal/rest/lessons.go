package rest

import (
	"context"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/page"
)

// ListLessons answers with a page of confirmed bookings, by the lesson's time.
func (h *Handlers) ListLessons(ctx context.Context, r bookinghttp.ListLessonsRequestObject) (bookinghttp.ListLessonsResponseObject, error) {
	viewer, err := me(ctx)
	if err != nil {
		return nil, err
	}

	asked, err := page.Ask[booking.Position](r.Params.Cursor, r.Params.Limit)
	if err != nil {
		return nil, err
	}

	found, err := h.bookings.Lessons(ctx, viewer, booking.LessonFilter{
		UserID:    r.Params.UserId,
		TeacherID: r.Params.TeacherId,
		CourseID:  r.Params.CourseId,
		From:      r.Params.From,
		To:        r.Params.To,
		After:     asked.After,
		Limit:     asked.Limit,
	})
	if err != nil {
		return nil, err
	}

	answer := bookinghttp.ListLessons200JSONResponse{Items: make([]bookinghttp.Lesson, len(found.Items)), NextCursor: page.Next(found.Next)}
	for i := range found.Items {
		answer.Items[i] = toLesson(&found.Items[i])
	}

	return answer, nil
}

// SetAttendance notes whether the student was there.
func (h *Handlers) SetAttendance(ctx context.Context, r bookinghttp.SetAttendanceRequestObject) (bookinghttp.SetAttendanceResponseObject, error) {
	viewer, err := me(ctx)
	if err != nil {
		return nil, err
	}

	lesson, err := h.bookings.Attend(ctx, booking.Attendance{
		BookingID: r.BookingId,
		By:        viewer,
		Attended:  r.Body.Attended,
		Note:      r.Body.Note,
	})
	if err != nil {
		return nil, err
	}

	return bookinghttp.SetAttendance200JSONResponse(toLesson(&lesson)), nil
}
