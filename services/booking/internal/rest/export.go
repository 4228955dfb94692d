package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shema-music/shema/services/booking/internal/booking"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	"github.com/shema-music/shema/services/kit/page"
)

// exportRows is how many rows one part of an export has; they are below 4 KiB each.
const exportRows = 200

// theBeginning is before all lessons.
var theBeginning = time.Unix(0, 0).UTC()

// exportCursor is where the next part of an export begins: the section, and the place in its list.
type exportCursor struct {
	Lessons bool              `json:"l"`
	After   *booking.Position `json:"a"`
}

// ExportPerson answers with a part of what is kept of the signed-in person: first their bookings, then the lessons that
// they give.
func (h *Handlers) ExportPerson(ctx context.Context, r bookinghttp.ExportPersonRequestObject) (bookinghttp.ExportPersonResponseObject, error) {
	person, err := me(ctx)
	if err != nil {
		return nil, err
	}

	var from exportCursor
	if r.Params.Cursor != nil {
		if err := page.Decode(*r.Params.Cursor, &from); err != nil {
			return nil, err
		}
	}

	answer, err := h.export(ctx, person, from)
	if err != nil {
		return nil, err
	}

	return bookinghttp.ExportPerson200JSONResponse(answer), nil
}

func (h *Handlers) export(ctx context.Context, person booking.Viewer, from exportCursor) (bookinghttp.ExportPage, error) {
	section, read := "bookings", h.exportBookings
	if from.Lessons {
		section, read = "lessons_given", h.exportLessons
	}

	rows, next, err := read(ctx, person, from.After)
	if err != nil {
		return bookinghttp.ExportPage{}, err
	}

	answer := bookinghttp.ExportPage{Sections: map[string][]map[string]any{section: rows}}

	switch {
	case next != nil:
		answer.NextCursor = new(page.Encode(exportCursor{Lessons: from.Lessons, After: next}))
	case !from.Lessons:
		answer.NextCursor = new(page.Encode(exportCursor{Lessons: true}))
	}

	return answer, nil
}

func (h *Handlers) exportBookings(ctx context.Context, person booking.Viewer, after *booking.Position) ([]map[string]any, *booking.Position, error) {
	found, err := h.bookings.List(ctx, booking.Viewer{UserID: person.UserID}, booking.Filter{After: after, Limit: exportRows})
	if err != nil {
		return nil, nil, err
	}

	rows, err := asRows(found.Items, toBooking)
	for i := range rows {
		rows[i]["attended"], rows[i]["attendance_note"] = found.Items[i].Attended, found.Items[i].AttendanceNote
	}

	return rows, found.Next, err
}

func (h *Handlers) exportLessons(ctx context.Context, person booking.Viewer, after *booking.Position) ([]map[string]any, *booking.Position, error) {
	teacher := booking.Viewer{UserID: person.UserID, Teacher: true}

	found, err := h.bookings.Lessons(ctx, teacher, booking.LessonFilter{
		From:  &theBeginning,
		After: after,
		Limit: exportRows,
	})
	if err != nil {
		return nil, nil, err
	}

	rows, err := asRows(found.Items, toLesson)

	return rows, found.Next, err
}

// asRows renders items as the lists of the API do.
func asRows[Item, Rendered any](items []Item, render func(*Item) Rendered) ([]map[string]any, error) {
	rows := make([]map[string]any, len(items))
	for i := range items {
		content, err := json.Marshal(render(&items[i]))
		if err != nil {
			return nil, fmt.Errorf("encode a row of an export: %w", err)
		}

		if err := json.Unmarshal(content, &rows[i]); err != nil {
			return nil, fmt.Errorf("read a row of an export: %w", err)
		}
	}

	return rows, nil
}
