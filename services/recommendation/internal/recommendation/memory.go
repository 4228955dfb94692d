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

// Freshness says for how long candidates are good without asking again.
type Freshness struct {
	// Sure is how old they may be without anybody looking whether they have changed.
	Sure time.Duration
	// Longest is how old they may be while they are looked after; a catalogue that has changed shows within this time.
	Longest time.Duration
}

// DefaultFreshness shows a change within two seconds, as the whole API does.
func DefaultFreshness() Freshness { return Freshness{Sure: time.Second, Longest: 2 * time.Second} }

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

// Memory implements Courses. It keeps the candidates, which are the same for everybody: thousands of courses are read when
// the catalogue has changed, and not for each recommendation.
type Memory struct {
	Catalogue

	fresh Freshness
	clock clock.Clock
	group *singleflight.Group[struct{}, candidates]

	mu   sync.Mutex
	kept candidates
}

// candidates are courses as they were when they were loaded, and still when they were checked. Nobody changes them.
type candidates struct {
	courses         []score.Course
	state           uuid.UUID
	loaded, checked time.Time
}

// NewMemory returns an empty memory.
func NewMemory(c Catalogue, fresh Freshness, at clock.Clock) *Memory {
	return &Memory{
		Catalogue: c,
		fresh:     fresh,
		clock:     at,
		group:     singleflight.NewGroup[struct{}, candidates](at, fresh.Longest, generateTime),
	}
}

// Candidates implements Courses.
func (m *Memory) Candidates(ctx context.Context) ([]score.Course, error) {
	kept := m.known()
	age := m.clock.Now().Sub(kept.checked)

	switch {
	case kept.courses == nil || age >= m.fresh.Longest:
		found, err := m.look(ctx)
		return found.courses, err
	case age >= m.fresh.Sure:
		go func() { _, _ = m.look(context.WithoutCancel(ctx)) }() // whoever comes after Longest hears of a failure
	}

	return kept.courses, nil
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

		if found.checked.After(m.kept.checked) {
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
		kept.checked = started
		return kept, nil
	}

	return candidates{
		courses: courses,
		state:   state,
		loaded:  started,
		checked: started,
	}, nil
}
