// Package cache keeps answers about the catalogue in a state store. Each question has
// one key, and the value says which state of the catalogue it was read from, in the same
// snapshot. Every question starts with the state of that moment: an answer that a slow
// reader keeps after a change is never used.
package cache

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"github.com/shema-music/shema/services/course/internal/course"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/page"
)

const (
	availabilityTTL = 5 * time.Minute
	catalogueTTL    = time.Hour
	// pageSize is what a kept page holds; smaller ones are cut from it.
	pageSize = page.MaxLimit
	// loadTimeout bounds a question that several callers wait for.
	loadTimeout = 4 * time.Second
)

// Source answers from the database, and says which version of the catalogue it saw.
type Source interface {
	Version(ctx context.Context) (course.Version, error)
	Courses(ctx context.Context, q course.Query) (course.Page[course.Course], course.Version, error)
	Course(ctx context.Context, ref course.Ref) (course.Course, course.Version, error)
	Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], course.Version, error)
	Slots(ctx context.Context, q course.SlotQuery) (course.Page[course.Slot], error)
	CountPublished(ctx context.Context) (int64, error)
	Lookup(ctx context.Context, courses, slots []uuid.UUID) ([]course.Course, []course.Slot, error)
	Candidates(ctx context.Context, known *uuid.UUID) ([]course.Candidate, uuid.UUID, error)
	Teachers(ctx context.Context, courses []uuid.UUID) ([]course.Teacher, error)
	Occupancy(ctx context.Context, q course.OccupancyQuery) ([]course.Occupancy, error)
}

// Backend is a state store. Which of two writers wins doesn't matter: a value says what
// it is the truth of.
type Backend interface {
	Get(ctx context.Context, key string) (value []byte, etag string, err error)
	Put(ctx context.Context, key string, value []byte, ttl time.Duration) error
}

// Catalogue implements course.Catalogue on a source and a backend. It keeps the first
// pages of lists without free text and bounds, which are few and asked for all the time;
// the rest always comes from the source. The backend holds at most buckets values, so
// that no caller can fill it with questions of their own.
type Catalogue struct {
	source  Source
	backend *breaker
	flights singleflight.Group
	results *prometheus.CounterVec
}

var _ course.Catalogue = (*Catalogue)(nil)

// Options are what a Catalogue is made of.
type Options struct {
	Source  Source
	Backend Backend
	Clock   clock.Clock
	Log     *slog.Logger
}

// New returns a catalogue that works, slower, also while the backend does not.
func New(o Options) *Catalogue {
	return &Catalogue{
		source:  o.Source,
		backend: &breaker{backend: o.Backend, clock: o.Clock, log: o.Log},
		results: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "shema_course_cache_total",
			Help: "Questions about the catalogue by kind, and whether the state store had the answer (hit, miss).",
		}, []string{"question", "result"}),
	}
}

// Collector returns the cache's metrics.
func (c *Catalogue) Collector() prometheus.Collector { return c.results }

// Courses implements course.Catalogue.
func (c *Catalogue) Courses(ctx context.Context, q course.Query) (course.Page[course.Course], error) {
	if q.Text != "" || q.After != nil {
		found, _, err := c.source.Courses(ctx, q)
		return found, err
	}

	limit := q.Limit
	q.Limit = pageSize

	found, err := answer(ctx, c, question[course.Page[course.Course]]{
		kind:  "courses",
		asked: []string{q.Instrument, q.Level, q.PriceCategory},
		ttl:   catalogueTTL,
		load: func(ctx context.Context) (course.Page[course.Course], course.Version, error) {
			return c.source.Courses(ctx, q)
		},
		// A filter that nothing passes may be a caller's invention.
		worthKeeping: func(kept course.Page[course.Course]) bool { return len(kept.Items) > 0 },
		stillTrue: func(kept course.Page[course.Course], now time.Time) bool {
			return !slices.ContainsFunc(kept.Items, func(c course.Course) bool { return begun(c.NextSlotAt, now) })
		},
	})

	return course.CutCourses(found, limit), err
}

// Course implements course.Catalogue.
func (c *Catalogue) Course(ctx context.Context, ref course.Ref) (course.Course, error) {
	return answer(ctx, c, question[course.Course]{
		kind:      "course",
		asked:     []string{ref.Name},
		ttl:       catalogueTTL,
		load:      func(ctx context.Context) (course.Course, course.Version, error) { return c.source.Course(ctx, ref) },
		stillTrue: func(found course.Course, now time.Time) bool { return !begun(found.NextSlotAt, now) },
	})
}

// begun reports whether a slot is one no more that can be booked. Slots end by the
// clock, without a change.
func begun(start *time.Time, now time.Time) bool { return start != nil && !start.After(now) }

// Available implements course.Catalogue.
func (c *Catalogue) Available(ctx context.Context, q course.AvailableQuery) (course.Page[course.Slot], error) {
	if q.After != nil || q.From != nil || q.To != nil {
		found, _, err := c.source.Available(ctx, q)
		return found, err
	}

	of := "all"
	if q.Course != nil {
		of = q.Course.String()
	}

	limit := q.Limit
	q.Limit = pageSize

	found, err := answer(ctx, c, question[course.Page[course.Slot]]{
		kind:  "available",
		asked: []string{of},
		ttl:   availabilityTTL,
		load: func(ctx context.Context) (course.Page[course.Slot], course.Version, error) {
			return c.source.Available(ctx, q)
		},
		// They stand in order of time.
		stillTrue: func(kept course.Page[course.Slot], now time.Time) bool {
			return len(kept.Items) == 0 || !begun(&kept.Items[0].StartsAt, now)
		},
	})

	return course.CutSlots(found, limit), err
}

// Slots implements course.Catalogue.
func (c *Catalogue) Slots(ctx context.Context, q course.SlotQuery) (course.Page[course.Slot], error) {
	return c.source.Slots(ctx, q)
}

// CountPublished implements course.Catalogue.
func (c *Catalogue) CountPublished(ctx context.Context) (int64, error) {
	return c.source.CountPublished(ctx)
}

// Lookup implements course.Catalogue.
func (c *Catalogue) Lookup(ctx context.Context, courses, slots []uuid.UUID) ([]course.Course, []course.Slot, error) {
	return c.source.Lookup(ctx, courses, slots)
}

// Candidates implements course.Catalogue.
func (c *Catalogue) Candidates(ctx context.Context, known *uuid.UUID) ([]course.Candidate, uuid.UUID, error) {
	return c.source.Candidates(ctx, known)
}

// Teachers implements course.Catalogue.
func (c *Catalogue) Teachers(ctx context.Context, courses []uuid.UUID) ([]course.Teacher, error) {
	return c.source.Teachers(ctx, courses)
}

// Occupancy implements course.Catalogue.
func (c *Catalogue) Occupancy(ctx context.Context, q course.OccupancyQuery) ([]course.Occupancy, error) {
	return c.source.Occupancy(ctx, q)
}
