package recommendation

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/singleflight"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// joinWithin is for how long after its beginning a look at the catalogue serves those, too, who come later.
const joinWithin = 50 * time.Millisecond

// wholeAfter is when all candidates are read anew although nothing has changed: slots begin by the clock, and are no
// course's next one any more.
const wholeAfter = time.Minute

// Catalogue is the course service behind a Memory.
type Catalogue interface {
	// CandidatesSince returns what all published courses are compared by, and the catalogue's state; nil for the courses
	// if that is the known one.
	CandidatesSince(ctx context.Context, known *uuid.UUID) ([]score.Course, uuid.UUID, error)
	// Lookup is that of Courses.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Course, error)
}

// Memory implements Courses. It keeps the candidates, which are the same for all students: each recommendation asks
// whether the catalogue has changed, and only then thousands of courses are read.
type Memory struct {
	Catalogue

	clock clock.Clock
	group *singleflight.Group[struct{}, candidates]

	mu   sync.Mutex
	kept candidates
}

// candidates are courses as they were when they were loaded. They are never changed.
type candidates struct {
	courses []score.Course
	state   uuid.UUID
	loaded  time.Time
}

// NewMemory returns an empty memory.
func NewMemory(c Catalogue, at clock.Clock) *Memory {
	return &Memory{
		Catalogue: c,
		clock:     at,
		group:     singleflight.NewGroup[struct{}, candidates](at, joinWithin, generateTime),
	}
}

// Candidates implements Courses: those of now, give or take joinWithin.
func (m *Memory) Candidates(ctx context.Context) ([]score.Course, error) {
	found, err := m.look(ctx)
	return found.courses, err
}

func (m *Memory) known() candidates {
	m.mu.Lock()
	defer m.mu.Unlock()

	return m.kept
}

// look asks whether the candidates have changed, once for all who want to know at the same time.
func (m *Memory) look(ctx context.Context) (candidates, error) {
	return m.group.Do(ctx, struct{}{}, m.ask, func(found candidates, _ time.Time) {
		m.mu.Lock()
		defer m.mu.Unlock()

		if !found.loaded.Before(m.kept.loaded) {
			m.kept = found
		}
	})
}

func (m *Memory) ask(ctx context.Context) (candidates, error) {
	kept, started := m.known(), m.clock.Now()

	var known *uuid.UUID
	if kept.courses != nil && started.Sub(kept.loaded) < wholeAfter {
		known = &kept.state
	}

	courses, state, err := m.CandidatesSince(ctx, known)
	switch {
	case err != nil:
		return candidates{}, err
	case courses == nil:
		return kept, nil
	}

	return candidates{
		courses: courses,
		state:   state,
		loaded:  started,
	}, nil
}
