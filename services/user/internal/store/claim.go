package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/letter"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/user"
)

const (
	// lease is when a letter that was claimed may be claimed again: its process has died meanwhile. Sending a batch and
	// settling it takes less.
	lease = 15 * time.Second
	// digestLines is how many notifications a digest lists; of others it says how many there are.
	digestLines = 500
	// kindDigest is the kind of a letter that tells of others.
	kindDigest user.LetterKind = "digest"
)

// claimSQL takes letters of a lane that are due: the oldest first, none that another process has in hand, and none of a
// booking whose earlier state has yet to be told to the same person. A digest waits for what any of its letters waits for.
const claimSQL = `
	WITH due AS (
		SELECT l.id FROM users.letters l
		WHERE l.lane = $1 AND l.due_at <= statement_timestamp() AND l.done_at IS NULL
		AND (l.claimed_until IS NULL OR l.claimed_until <= statement_timestamp())
		AND NOT EXISTS (SELECT FROM users.letters x
			WHERE x.user_id = l.user_id AND x.booking_id = l.booking_id AND x.state_version < l.state_version AND x.done_at IS NULL)
		AND (l.kind <> '` + string(kindDigest) + `' OR NOT EXISTS (SELECT FROM users.letters m JOIN users.letters x
			ON x.user_id = m.user_id AND x.booking_id = m.booking_id AND x.state_version < m.state_version AND x.done_at IS NULL
			WHERE m.digest_id = l.id AND x.digest_id IS DISTINCT FROM m.digest_id))
		ORDER BY l.due_at LIMIT $2 FOR UPDATE OF l SKIP LOCKED),
	claimed AS (
		UPDATE users.letters l SET claimed_until = statement_timestamp() + $3::interval, tries = tries + 1
		FROM due WHERE l.id = due.id RETURNING l.*)
	SELECT l.id, l.kind, l.token, l.created_at, l.tries, l.state_version, l.user_id,
		coalesce(l.address, u.email, '') AS email, coalesce(u.full_name, '') AS full_name, coalesce(u.language, '') AS language,
		u.id IS NOT NULL AND (l.kind <> '` + string(kindDigest) + `'
			OR u.role = 'admin' AND u.status = 'active' AND u.email_notifications) AS wanted,
		n.id AS notification_id, n.type, n.data AS facts, coalesce(s.full_name, '') AS student_name, n.created_at AS told_at
	FROM claimed l LEFT JOIN users.users u ON u.id = l.user_id AND u.` + present + `
	LEFT JOIN users.notifications n ON n.id = l.notification_id` + withStudent + `
	ORDER BY l.due_at`

type letterRow struct {
	ID             uuid.UUID
	Kind           user.LetterKind
	Token          *string
	CreatedAt      time.Time
	Tries          int
	StateVersion   int64
	UserID         uuid.UUID
	Email          string
	FullName       string
	Language       user.Language
	Wanted         bool
	NotificationID *uuid.UUID
	Type           *notification.Type
	Facts          *notification.Facts
	StudentName    string
	ToldAt         *time.Time
}

func scanLetter(row pgx.CollectableRow) (letter.Letter, error) {
	r, err := pgx.RowToAddrOfStructByName[letterRow](row)
	if err != nil {
		return letter.Letter{}, err
	}

	l := letter.Letter{
		ID:           r.ID,
		Kind:         r.Kind,
		CreatedAt:    r.CreatedAt.UTC(),
		Tries:        r.Tries,
		Wanted:       r.Wanted,
		StateVersion: r.StateVersion,
		To: notification.Recipient{
			ID:       r.UserID,
			Email:    r.Email,
			FullName: r.FullName,
			Language: r.Language,
		},
	}
	if r.Token != nil {
		l.Token = *r.Token
	}

	if r.NotificationID != nil {
		l.Notification = &notification.Notification{
			ID:          *r.NotificationID,
			UserID:      r.UserID,
			Type:        *r.Type,
			Facts:       *r.Facts,
			StudentName: r.StudentName,
			CreatedAt:   r.ToldAt.UTC(),
		}
	}

	return l, nil
}

// Claim takes letters of the lane that are due, limit at most, for which Settle is to be called within the lease. Every
// replica may do it at once.
func (l *Letters) Claim(ctx context.Context, lane letter.Lane, limit int) ([]letter.Letter, error) {
	if lane == letter.Admins {
		return l.claimForAdmins(ctx, limit)
	}

	claimed, err := postgres.List(ctx, l.pool, scanLetter, claimSQL, lane, limit, lease)
	if err != nil {
		return nil, fmt.Errorf("claim letters: %w", err)
	}

	return claimed, nil
}

// settleSQL records what has become of letters. What was in them goes; a digest takes those along of which it tells. Who
// comes back later than the lease changes nothing, unless the letter has left.
const settleSQL = `
	WITH result AS (
		SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::float8[], $5::boolean[])
			AS r (id, tries, outcome, pause, untried)),
	inside AS (
		UPDATE users.letters l SET done_at = now(), outcome = r.outcome FROM result r
		WHERE l.digest_id = r.id AND r.outcome <> '' AND l.done_at IS NULL)
	UPDATE users.letters l SET claimed_until = NULL, outcome = nullif(r.outcome, ''),
		done_at = CASE WHEN r.outcome <> '' THEN now() END,
		due_at = CASE WHEN r.outcome = '' THEN clock_timestamp() + make_interval(secs => r.pause) END,
		tries = l.tries - r.untried::int,
		token = CASE WHEN r.outcome = '' THEN l.token END, address = CASE WHEN r.outcome = '' THEN l.address END
	FROM result r WHERE l.id = r.id AND l.done_at IS NULL AND (r.outcome <> '' OR l.tries = r.tries)`

// Settle records what has become of letters that were claimed.
func (l *Letters) Settle(ctx context.Context, results []letter.Result) error {
	var (
		ids      = make([]uuid.UUID, len(results))
		tries    = make([]int, len(results))
		outcomes = make([]string, len(results))
		pauses   = make([]float64, len(results))
		untried  = make([]bool, len(results))
	)

	for i, r := range results {
		ids[i], tries[i], outcomes[i] = r.ID, r.Tries, string(r.Outcome)
		pauses[i], untried[i] = r.Pause.Seconds(), r.Untried
	}

	if _, err := l.pool.Exec(ctx, settleSQL, ids, tries, outcomes, pauses, untried); err != nil {
		return fmt.Errorf("settle letters: %w", err)
	}

	return nil
}
