// Package rest answers the course service's HTTP requests. What reaches a handler is
// authenticated and valid.
package rest

import (
	"context"

	"github.com/shema-music/shema/services/course/api"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/httpserver"
)

// defaultLimit is how many items a page has unless the caller says otherwise.
const defaultLimit = 20

// Handlers implement the generated server interface.
type Handlers struct {
	catalogue    course.Catalogue
	reservations course.ReservationStore
}

var _ api.StrictServerInterface = (*Handlers)(nil)

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, catalogue course.Catalogue, reservations course.ReservationStore) {
	strict := api.NewStrictHandlerWithOptions(&Handlers{catalogue: catalogue, reservations: reservations}, nil,
		httpserver.StrictOptions[api.StrictGinServerOptions]())
	api.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[api.GinServerOptions]())
}

// ListCourses answers GET /api/courses.
func (h *Handlers) ListCourses(ctx context.Context, r api.ListCoursesRequestObject) (api.ListCoursesResponseObject, error) {
	query, err := fromCourseParams(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.catalogue.Courses(ctx, query)
	if err != nil {
		return nil, err
	}
	return api.ListCourses200JSONResponse{Items: toCourses(page.Items), NextCursor: page.Next}, nil
}

// GetCourse answers GET /api/courses/{id}.
func (h *Handlers) GetCourse(ctx context.Context, r api.GetCourseRequestObject) (api.GetCourseResponseObject, error) {
	ref, err := course.ParseRef(r.Id)
	if err != nil {
		return nil, err
	}
	found, err := h.catalogue.Course(ctx, ref)
	if err != nil {
		return nil, err
	}
	return api.GetCourse200JSONResponse(toCourse(found)), nil
}

// GetCourseStats answers GET /api/courses/stats.
func (h *Handlers) GetCourseStats(ctx context.Context, _ api.GetCourseStatsRequestObject) (api.GetCourseStatsResponseObject, error) {
	count, err := h.catalogue.CountPublished(ctx)
	if err != nil {
		return nil, err
	}
	return api.GetCourseStats200JSONResponse{Count: count}, nil
}

// ListAvailableSlots answers GET /api/schedules/available.
func (h *Handlers) ListAvailableSlots(ctx context.Context, r api.ListAvailableSlotsRequestObject) (api.ListAvailableSlotsResponseObject, error) {
	query, err := fromAvailableParams(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.catalogue.Available(ctx, query)
	if err != nil {
		return nil, err
	}
	return api.ListAvailableSlots200JSONResponse{Items: toSlots(page.Items), NextCursor: page.Next}, nil
}

// ListSlots answers GET /api/schedules.
func (h *Handlers) ListSlots(ctx context.Context, r api.ListSlotsRequestObject) (api.ListSlotsResponseObject, error) {
	query, err := fromSlotParams(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.catalogue.Slots(ctx, query)
	if err != nil {
		return nil, err
	}
	return api.ListSlots200JSONResponse{Items: toSlots(page.Items), NextCursor: page.Next}, nil
}
