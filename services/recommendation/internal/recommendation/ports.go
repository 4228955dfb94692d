package recommendation

import (
	"context"

	"github.com/google/uuid"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// Store keeps recommendations.
type Store interface {
	// Admit returns errs.RateLimited, with the time to wait, if a student has asked for too many lately.
	Admit(ctx context.Context, userID uuid.UUID) error
	// Add keeps a recommendation and returns it with the time of the database. A second one OnRegistration for the
	// same user is not kept: added is false.
	// Add returns errs.RateLimited where the person's budget is used up, and usererrs.NotFound for who has left.
	Add(ctx context.Context, r Recommendation) (kept Recommendation, added bool, err error)
	// Latest returns a user's newest recommendation, or errs.NotFound.
	Latest(ctx context.Context, userID uuid.UUID) (Recommendation, error)
	// List returns at most limit of a user's recommendations after the position, newest first.
	List(ctx context.Context, userID uuid.UUID, after *Position, limit int) ([]Recommendation, error)
}

// Courses is the course service.
type Courses interface {
	// Candidates returns what all published courses are compared by.
	Candidates(ctx context.Context) ([]score.Course, error)
	// Lookup returns courses by id; those that have gone are left out.
	Lookup(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]Course, error)
}

// Users is the user service.
type Users interface {
	// Preferences returns what the profile says, or ErrUnknownUser.
	Preferences(ctx context.Context, userID uuid.UUID) (score.Preferences, error)
}

// Ranker decides about the order of courses that the rules have scored.
type Ranker interface {
	// Rank returns the given courses, which come in the order of the rules, best first. After an error the order of
	// the rules holds.
	Rank(ctx context.Context, wish score.Preferences, courses []score.Scored) ([]score.Scored, error)
	// Name says in metrics who has decided.
	Name() string
}

// Rules is the Ranker that leaves the order of the rules as it is.
type Rules struct{}

// Rank implements Ranker.
func (Rules) Rank(_ context.Context, _ score.Preferences, courses []score.Scored) ([]score.Scored, error) {
	return courses, nil
}

// Name implements Ranker.
func (Rules) Name() string { return "rules" }
