package recommendation_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// catalogue is a course service that counts what it is asked.
type catalogue struct {
	recommendation.Catalogue

	mu           sync.Mutex
	state        uuid.UUID
	title        string
	away         error
	asked, whole int
}

func (c *catalogue) CandidatesSince(_ context.Context, known *uuid.UUID) ([]score.Course, uuid.UUID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.asked++

	if c.away != nil || known != nil && *known == c.state {
		return nil, c.state, c.away
	}

	c.whole++

	return []score.Course{{Title: c.title}}, c.state, nil
}

func (c *catalogue) change(title string, away error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.state, c.title, c.away = uuid.New(), title, away
}

func TestMemory_Candidates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		c := &catalogue{state: uuid.New(), title: "Piano"}
		m := recommendation.NewMemory(c, clock.System{})
		title := func() string {
			found, err := m.Candidates(t.Context())
			g.Expect(err).NotTo(HaveOccurred())
			synctest.Wait()

			return found[0].Title
		}

		g.Expect(title()).To(Equal("Piano"))
		g.Expect(title()).To(Equal("Piano"))
		g.Expect(c.asked).To(Equal(2), "each time it looks")
		g.Expect(c.whole).To(Equal(1), "and hears that nothing has changed")

		c.change("Guitar", nil)
		g.Expect(title()).To(Equal("Guitar"), "no student is shown what has changed since")
		g.Expect(c.whole).To(Equal(2))

		for range 40 {
			time.Sleep(1600 * time.Millisecond)
			g.Expect(title()).To(Equal("Guitar"))
		}

		g.Expect(c.whole).To(Equal(3), "once a minute all are read anew")

		c.change("Drums", errors.New("away"))

		_, err := m.Candidates(t.Context())
		g.Expect(err).To(MatchError("away"))
	})
}
