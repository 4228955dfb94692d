package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/user/internal/letter"
)

const (
	// window is how long an admin's mails about bookings are counted from the first one on, and singles how many of them
	// leave by themselves.
	window  = 10 * time.Minute
	singles = 5
	// sortAtOnce bounds one statement.
	sortAtOnce = 500
)

// sortLock lets one process at a time sort letters and claim digests: a digest that was claimed gathers nothing more.
var sortLock = postgres.LockKey("users.letters: sort")

const lockSorting = `SELECT pg_advisory_xact_lock($1)`

// sortSQL decides which mails to admins about bookings leave by themselves, and has the others gather in the digest of
// their window. A window is over when its time is, and when its digest has been claimed.
const sortSQL = `
	WITH fresh AS (
		SELECT id, user_id, row_number() OVER (PARTITION BY user_id ORDER BY due_at, id) AS nth FROM (
			SELECT id, user_id, due_at FROM users.letters
			WHERE lane = '` + string(laneUnsorted) + `' AND due_at IS NOT NULL AND done_at IS NULL
			ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED) f),
	opened AS MATERIALIZED (
		SELECT f.user_id, f.fresh, coalesce(w.mails, 0) AS before, coalesce(w.digest_id, gen_random_uuid()) AS digest_id,
			coalesce(w.ends_at, statement_timestamp() + $2::interval) AS ends_at
		FROM (SELECT user_id, count(*) AS fresh FROM fresh GROUP BY user_id) f
		LEFT JOIN users.mail_windows w ON w.user_id = f.user_id AND w.ends_at > statement_timestamp()
			AND NOT EXISTS (SELECT FROM users.letters d WHERE d.id = w.digest_id AND (d.tries > 0 OR d.done_at IS NOT NULL))),
	counted AS (
		INSERT INTO users.mail_windows AS w (user_id, ends_at, mails, digest_id)
		SELECT user_id, ends_at, before + fresh, digest_id FROM opened
		ON CONFLICT (user_id) DO UPDATE
		SET ends_at = excluded.ends_at, mails = excluded.mails, digest_id = excluded.digest_id),
	sorted AS (
		SELECT f.id, o.user_id, o.ends_at, CASE WHEN o.before + f.nth > $3 THEN o.digest_id END AS digest_id
		FROM fresh f JOIN opened o ON o.user_id = f.user_id),
	digest AS (
		INSERT INTO users.letters (id, kind, user_id, lane, due_at)
		SELECT DISTINCT digest_id, '` + string(kindDigest) + `', user_id, '` + string(letter.Admins) + `', ends_at
		FROM sorted WHERE digest_id IS NOT NULL ON CONFLICT (id) DO NOTHING)
	UPDATE users.letters l SET lane = '` + string(letter.Admins) + `', digest_id = s.digest_id,
		due_at = CASE WHEN s.digest_id IS NULL THEN l.due_at END
	FROM sorted s WHERE l.id = s.id`

// claimForAdmins sorts what has come, and claims what is due, in one round trip and one transaction.
func (l *Letters) claimForAdmins(ctx context.Context, limit int) ([]letter.Letter, error) {
	batch := &pgx.Batch{}
	batch.Queue(lockSorting, sortLock)
	batch.Queue(sortSQL, sortAtOnce, window, singles)
	batch.Queue(claimSQL, letter.Admins, limit, lease)

	claimed, err := readClaim(l.pool.SendBatch(ctx, batch))
	if err != nil {
		return nil, fmt.Errorf("claim letters to admins: %w", err)
	}

	return claimed, l.fillDigests(ctx, claimed)
}

func readClaim(answers pgx.BatchResults) (claimed []letter.Letter, err error) {
	defer func() { err = errors.Join(err, answers.Close()) }()

	for range 2 { // the lock and the sorting
		if _, err := answers.Exec(); err != nil {
			return nil, err
		}
	}

	rows, err := answers.Query()
	if err != nil {
		return nil, err
	}

	return pgx.CollectRows(rows, scanLetter)
}

// digestSQL reads what digests tell of, in the order in which it happened, and of how much more they don't.
const digestSQL = `SELECT * FROM (
		SELECT m.digest_id, row_number() OVER told AS nth, count(*) OVER (PARTITION BY m.digest_id) AS total, ` + notificationColumns + `
		FROM users.letters m JOIN users.notifications n ON n.id = m.notification_id` + withStudent + `
		WHERE m.digest_id = ANY($1) AND m.done_at IS NULL
		WINDOW told AS (PARTITION BY m.digest_id ORDER BY n.created_at, n.state_version, n.id)) told
	WHERE nth <= $2 ORDER BY digest_id, nth`

type digestRow struct {
	notificationRow

	DigestID uuid.UUID
	Nth      int
	Total    int
}

// fillDigests reads what the digests among the letters tell of.
func (l *Letters) fillDigests(ctx context.Context, claimed []letter.Letter) error {
	digests := map[uuid.UUID]*letter.Letter{}
	ids := []uuid.UUID{}

	for i := range claimed {
		if claimed[i].Kind == kindDigest {
			digests[claimed[i].ID] = &claimed[i]
			ids = append(ids, claimed[i].ID)
		}
	}

	if len(ids) == 0 {
		return nil
	}

	rows, err := postgres.List(ctx, l.pool, pgx.RowToAddrOfStructByName[digestRow], digestSQL, ids, digestLines)
	if err != nil {
		return fmt.Errorf("read digests: %w", err)
	}

	for _, id := range ids {
		digests[id].Digest = &letter.Digest{}
	}

	for _, r := range rows {
		digest := digests[r.DigestID].Digest
		digest.Told = append(digest.Told, r.domain())
		digest.Total = r.Total
	}

	return nil
}
