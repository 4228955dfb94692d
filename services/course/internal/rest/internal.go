package rest

import (
	"context"
	"net/http"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/convert"
)

// LookupCatalog answers POST /internal/catalog/lookup.
func (h *Handlers) LookupCatalog(ctx context.Context, r coursehttp.LookupCatalogRequestObject) (coursehttp.LookupCatalogResponseObject, error) {
	courses, slots, err := h.catalogue.Lookup(ctx, convert.Value(r.Body.CourseIds), convert.Value(r.Body.SlotIds))
	if err != nil {
		return nil, err
	}

	return coursehttp.LookupCatalog200JSONResponse{Courses: toCourses(courses), Slots: toSlots(slots)}, nil
}

// ListCandidates answers GET /internal/catalog/candidates.
func (h *Handlers) ListCandidates(ctx context.Context, r coursehttp.ListCandidatesRequestObject) (coursehttp.ListCandidatesResponseObject, error) {
	found, state, err := h.catalogue.Candidates(ctx, r.Params.Known)
	if err != nil {
		return nil, err
	}

	answer := coursehttp.ListCandidates200JSONResponse{State: state}
	if found != nil {
		answer.Items = new(toCandidates(found))
	}

	return answer, nil
}

// LookupCourseTeachers answers POST /internal/catalog/teachers.
func (h *Handlers) LookupCourseTeachers(ctx context.Context, r coursehttp.LookupCourseTeachersRequestObject) (coursehttp.LookupCourseTeachersResponseObject, error) {
	found, err := h.catalogue.Teachers(ctx, r.Body.CourseIds)
	if err != nil {
		return nil, err
	}

	answer := coursehttp.LookupCourseTeachers200JSONResponse{Items: make([]coursehttp.CourseTeacher, len(found))}
	for i, t := range found {
		answer.Items[i] = coursehttp.CourseTeacher{CourseId: t.CourseID, TeacherEmail: t.Email}
	}

	return answer, nil
}

// Reserve answers POST /internal/reservations.
func (h *Handlers) Reserve(ctx context.Context, r coursehttp.ReserveRequestObject) (coursehttp.ReserveResponseObject, error) {
	reservation, err := course.Reserve(ctx, h.reservations, fromReservationRequest(*r.Body))
	if err != nil {
		return nil, err
	}

	return coursehttp.Reserve200JSONResponse(toReservation(reservation)), nil
}

// ReserveMany answers POST /internal/reservations/many.
func (h *Handlers) ReserveMany(ctx context.Context, r coursehttp.ReserveManyRequestObject) (coursehttp.ReserveManyResponseObject, error) {
	holds := make([]course.Hold, len(r.Body.Reservations))
	for i, request := range r.Body.Reservations {
		holds[i] = fromReservationRequest(request)
	}

	results := course.ReserveMany(ctx, h.reservations, holds)
	answer := coursehttp.ReserveMany200JSONResponse{Items: make([]coursehttp.ReservationAnswer, len(results))}

	failed := 0

	for i, result := range results {
		refusal, refused := errs.As(result.Err)
		switch {
		case result.Err == nil:
			answer.Items[i].Reservation = new(toReservation(result.Answer))
		case refused && refusal.Kind.Status() < http.StatusInternalServerError:
			answer.Items[i].Refusal = new(toReservationRefusal(refusal))
		default:
			h.log.WarnContext(ctx, "a reservation has failed", "booking_id", holds[i].BookingID, "error", result.Err)

			failed++
		}
	}

	if failed == len(results) {
		return nil, results[0].Err
	}

	return answer, nil
}

// Settle answers POST /internal/reservations/{booking_id}/settle.
func (h *Handlers) Settle(ctx context.Context, r coursehttp.SettleRequestObject) (coursehttp.SettleResponseObject, error) {
	reservation, err := course.Settle(ctx, h.reservations, course.Settlement{
		BookingID: r.BookingId,
		Confirmed: r.Body.ConfirmedSlotId,
		Replaces:  r.Body.Replaces,
	})
	if err != nil {
		return nil, err
	}

	return coursehttp.Settle200JSONResponse(toReservation(reservation)), nil
}
