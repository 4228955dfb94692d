// Package rest answers the course service's HTTP requests. What reaches a handler is
// authenticated and valid.
package rest

import (
	"context"
	"log/slog"
	"time"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/page"
)

// Handlers implement the generated server interface.
type Handlers struct {
	catalogue    course.Catalogue
	reservations course.ReservationStore
	// zone is the school's time zone.
	zone string
	log  *slog.Logger
}

var _ coursehttp.StrictServerInterface = (*Handlers)(nil)

// Options are what the handlers work with.
type Options struct {
	Catalogue    course.Catalogue
	Reservations course.ReservationStore
	// Zone is the school's time zone, in which reports count.
	Zone *time.Location
	Log  *slog.Logger
}

// Register puts the handlers on the server's engine.
func Register(s *httpserver.Server, o Options) {
	handlers := &Handlers{
		catalogue:    o.Catalogue,
		reservations: o.Reservations,
		zone:         o.Zone.String(),
		log:          o.Log,
	}
	strict := coursehttp.NewStrictHandlerWithOptions(handlers, nil,
		httpserver.StrictOptions[coursehttp.StrictGinServerOptions]())
	coursehttp.RegisterHandlersWithOptions(s.Engine(), strict, httpserver.GinOptions[coursehttp.GinServerOptions]())
}

// ListCourses answers GET /api/courses.
func (h *Handlers) ListCourses(ctx context.Context, r coursehttp.ListCoursesRequestObject) (coursehttp.ListCoursesResponseObject, error) {
	query, err := fromCourseParams(r.Params)
	if err != nil {
		return nil, err
	}

	page, err := h.catalogue.Courses(ctx, query)
	if err != nil {
		return nil, err
	}

	return coursehttp.ListCourses200JSONResponse{Items: toCourses(page.Items), NextCursor: page.Next}, nil
}

// GetCourse answers GET /api/courses/{id}.
func (h *Handlers) GetCourse(ctx context.Context, r coursehttp.GetCourseRequestObject) (coursehttp.GetCourseResponseObject, error) {
	ref, err := course.ParseRef(r.Id)
	if err != nil {
		return nil, err
	}

	found, err := h.catalogue.Course(ctx, ref)
	if err != nil {
		return nil, err
	}

	return coursehttp.GetCourse200JSONResponse(toCourse(found)), nil
}

// GetCourseStats answers GET /api/courses/stats.
func (h *Handlers) GetCourseStats(ctx context.Context, _ coursehttp.GetCourseStatsRequestObject) (coursehttp.GetCourseStatsResponseObject, error) {
	count, err := h.catalogue.CountPublished(ctx)
	if err != nil {
		return nil, err
	}

	return coursehttp.GetCourseStats200JSONResponse{Count: count}, nil
}

// ListAvailableSlots answers GET /api/schedules/available.
func (h *Handlers) ListAvailableSlots(ctx context.Context, r coursehttp.ListAvailableSlotsRequestObject) (coursehttp.ListAvailableSlotsResponseObject, error) {
	query, err := fromAvailableParams(r.Params)
	if err != nil {
		return nil, err
	}

	page, err := h.catalogue.Available(ctx, query)
	if err != nil {
		return nil, err
	}

	return coursehttp.ListAvailableSlots200JSONResponse{Items: toSlots(page.Items), NextCursor: page.Next}, nil
}

// ListSlots answers GET /api/schedules.
func (h *Handlers) ListSlots(ctx context.Context, r coursehttp.ListSlotsRequestObject) (coursehttp.ListSlotsResponseObject, error) {
	query, err := fromSlotParams(r.Params)
	if err != nil {
		return nil, err
	}

	page, err := h.catalogue.Slots(ctx, query)
	if err != nil {
		return nil, err
	}

	return coursehttp.ListSlots200JSONResponse{Items: toSlots(page.Items), NextCursor: page.Next}, nil
}

// ReportOccupancy answers GET /api/admin/reports/occupancy.
func (h *Handlers) ReportOccupancy(ctx context.Context, r coursehttp.ReportOccupancyRequestObject) (coursehttp.ReportOccupancyResponseObject, error) {
	if err := page.CheckRange(r.Params.From, r.Params.To); err != nil {
		return nil, err
	}

	query := course.OccupancyQuery{
		By:   course.ByCourse,
		From: r.Params.From,
		To:   r.Params.To,
		Zone: h.zone,
	}
	if r.Params.By != nil {
		query.By = course.Grouping(*r.Params.By)
	}

	found, err := h.catalogue.Occupancy(ctx, query)
	if err != nil {
		return nil, err
	}

	answer := coursehttp.ReportOccupancy200JSONResponse{Items: make([]coursehttp.OccupancyRow, len(found))}
	for i, row := range found {
		answer.Items[i] = coursehttp.OccupancyRow{
			Key:      row.Key,
			Slots:    row.Slots,
			Reserved: row.Reserved,
			Booked:   row.Booked,
		}
	}

	return answer, nil
}
