package recommendation

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

const (
	// generateTime bounds the making of a recommendation; a caller must hear within 5 s that another service is down.
	generateTime = 3500 * time.Millisecond
	// rankable is how many of the courses that the rules find best a ranker may put into another order.
	rankable = 50
)

// Service makes recommendations and shows them. It is safe for concurrent use.
type Service struct {
	store   Store
	courses Courses
	users   Users
	ranker  Ranker
	metrics *Metrics
	log     *slog.Logger
}

// Options are what a Service is made of.
type Options struct {
	Store   Store
	Courses Courses
	Users   Users
	Ranker  Ranker
	Metrics *Metrics
	Log     *slog.Logger
}

// NewService returns the service made of its options.
func NewService(o Options) *Service {
	return &Service{
		store:   o.Store,
		courses: o.Courses,
		users:   o.Users,
		ranker:  o.Ranker,
		metrics: o.Metrics,
		log:     o.Log,
	}
}

// Generate makes a recommendation for a student who asks for it. It returns errs.RateLimited to who asks too often, before
// anything else is asked.
func (s *Service) Generate(ctx context.Context, userID uuid.UUID, o Overrides) (Recommendation, error) {
	if err := s.store.Admit(ctx, userID); err != nil {
		return Recommendation{}, err
	}

	return s.recommend(ctx, userID, OnRequest, o)
}

// Welcome makes the recommendation that every student gets after registration. It may be called again: each gets one.
func (s *Service) Welcome(ctx context.Context, userID uuid.UUID) error {
	_, err := s.recommend(ctx, userID, OnRegistration, Overrides{})
	return err
}

// Latest returns a user's newest recommendation, or errs.NotFound.
func (s *Service) Latest(ctx context.Context, userID uuid.UUID) (Recommendation, error) {
	return s.store.Latest(ctx, userID)
}

// List returns a user's recommendations, newest first.
func (s *Service) List(ctx context.Context, userID uuid.UUID, after *Position, limit int) (Page, error) {
	// One more than wanted, to know whether there is a next page.
	items, err := s.store.List(ctx, userID, after, limit+1)
	if err != nil || len(items) <= limit {
		return Page{Items: items}, err
	}

	last := items[limit-1]

	return Page{Items: items[:limit], Next: &Position{CreatedAt: last.CreatedAt, ID: last.ID}}, nil
}

func (s *Service) recommend(ctx context.Context, userID uuid.UUID, origin Origin, o Overrides) (Recommendation, error) {
	ctx, cancel := context.WithTimeout(ctx, generateTime)
	defer cancel()

	wish, candidates, err := s.ask(ctx, userID)
	if err != nil {
		return Recommendation{}, err
	}

	wish = o.over(wish)
	chosen, ranker := s.rank(ctx, wish, score.Best(candidates, wish, rankable))

	items, err := s.describe(ctx, wish, chosen[:min(MaxItems, len(chosen))])
	if err != nil {
		return Recommendation{}, err
	}

	id, err := uuid.NewV7()
	if err != nil {
		return Recommendation{}, fmt.Errorf("make an id: %w", err)
	}

	kept, added, err := s.store.Add(ctx, Recommendation{
		ID:     id,
		UserID: userID,
		Origin: origin,
		Items:  items,
	})
	if added {
		s.metrics.count(origin, ranker)
	}

	return kept, err
}

// ask asks both services at once.
func (s *Service) ask(ctx context.Context, userID uuid.UUID) (wish score.Preferences, candidates []score.Course, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		wish, err = s.users.Preferences(ctx, userID)
		return err
	})
	group.Go(func() (err error) {
		candidates, err = s.courses.Candidates(ctx)
		return err
	})
	err = group.Wait()

	return wish, candidates, err
}

// rank returns the courses in the ranker's order, or in that of the rules when the ranker fails, and who has decided.
func (s *Service) rank(ctx context.Context, wish score.Preferences, best []score.Scored) ([]score.Scored, string) {
	if len(best) == 0 {
		return best, s.ranker.Name()
	}

	ranked, err := s.ranker.Rank(ctx, wish, best)
	if err != nil {
		s.log.WarnContext(ctx, "the ranker has no answer, the order of the rules holds", "ranker", s.ranker.Name(), "error", err)
		return best, fallback
	}

	return ranked, s.ranker.Name()
}

// describe turns chosen courses into items, each with the whole course as it is now. A course that has gone since it
// was chosen is left out.
func (s *Service) describe(ctx context.Context, wish score.Preferences, chosen []score.Scored) ([]Item, error) {
	items := make([]Item, 0, len(chosen))
	if len(chosen) == 0 {
		return items, nil
	}

	ids := make([]uuid.UUID, len(chosen))
	for i, c := range chosen {
		ids[i] = c.Course.ID
	}

	courses, err := s.courses.Lookup(ctx, ids)
	if err != nil {
		return nil, err
	}

	for i := range chosen {
		if course, ok := courses[chosen[i].Course.ID]; ok {
			items = append(items, Item{
				Course:  course,
				Points:  chosen[i].Points,
				Reasons: reasonsFor(&chosen[i], wish),
			})
		}
	}

	return items, nil
}
