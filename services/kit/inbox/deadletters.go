package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// unreadable is the topic of dead letters that cannot be kept as CloudEvents.
	unreadable = "unreadable"
	// maxLetter is how much is kept of a letter.
	maxLetter = 1 << 20
	// maxName bounds ids and topics, which are part of an index.
	maxName = 200
	// maxUnproven is how many letters are kept that none of our services has signed.
	maxUnproven = 1000
)

// ErrNotReplayable says that a dead letter is not an event that could be published.
var ErrNotReplayable = errors.New("the dead letter is not an event that can be published again")

// ErrUnproven says that no service of ours has signed a dead letter.
var ErrUnproven = errors.New("the dead letter is not signed by one of our services: look at it, then dismiss it, or replay it by its id with --trust")

// DeadLetter is an event that could not be handled.
type DeadLetter struct {
	ID         string          `db:"id"`
	Topic      string          `db:"topic"`
	Event      json.RawMessage `db:"event"`
	ReceivedAt time.Time       `db:"received_at"`
	ReplayedAt *time.Time      `db:"replayed_at"`
}

// takeDeadLetter stores whatever comes, with an end: what is too long is cut, what the database cannot hold as it is is
// kept in another form, and only an outage is tried again. A letter that comes again after its replay waits for a replay
// again.
func (i *Inbox) takeDeadLetter(c *gin.Context) {
	ctx := c.Request.Context()

	raw, err := io.ReadAll(io.LimitReader(c.Request.Body, maxLetter+1))
	if err == nil {
		err = i.file(ctx, raw, eventsign.Proven(ctx))
	}

	if err != nil {
		httpserver.Fail(c, retryable(err))
		return
	}

	c.JSON(http.StatusOK, gin.H{"status": "SUCCESS"})
}

// file stores a letter. What the database refuses for its content is stored as unreadable; what it refuses even then is
// given up, and the metric says so.
func (i *Inbox) file(ctx context.Context, raw []byte, proven bool) error {
	letter := readLetter(raw)

	err := i.store(ctx, letter, proven)
	if refusesContent(err) {
		err = i.store(ctx, unreadableLetter(raw), proven)
	}

	if refusesContent(err) {
		i.lost.Inc()
		i.log.ErrorContext(ctx, "a dead letter is lost", "topic", letter.Topic, "bytes", len(raw), "error", err)

		return nil
	}

	return err
}

// store adds the letter, unless it comes from who knows where and enough of those are kept.
func (i *Inbox) store(ctx context.Context, letter DeadLetter, proven bool) error {
	table := i.table("dead_letters")

	tag, err := i.pool.Exec(ctx, `INSERT INTO `+table+` AS l (id, topic, event, proven)
		SELECT $1, $2, $3, $4 WHERE $4 OR (SELECT count(*) FROM (SELECT FROM `+table+` WHERE NOT proven LIMIT $5) AS unproven) < $5
		ON CONFLICT (id, topic) DO UPDATE SET received_at = now(), replayed_at = NULL, dismissed_at = NULL
			WHERE $4 OR NOT l.proven`,
		letter.ID, letter.Topic, letter.Event, proven, maxUnproven)
	if err != nil {
		return fmt.Errorf("store a dead letter: %w", err)
	}

	if tag.RowsAffected() == 0 {
		i.lost.Inc()
	}

	i.log.ErrorContext(ctx, "dead letter", "topic", letter.Topic, "event_id", letter.ID, "proven", proven,
		"kept", tag.RowsAffected() == 1)

	return nil
}

// refusesContent reports whether the database refuses a value for what it is, not for a trouble that passes: class 22 are
// data exceptions, such as half a surrogate pair in jsonb, 54 are limits, such as those of an index.
func refusesContent(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && (strings.HasPrefix(refusal.Code, "22") || strings.HasPrefix(refusal.Code, "54"))
}

// readLetter makes a row of any bytes.
func readLetter(raw []byte) DeadLetter {
	e, err := parse(raw)
	if err != nil || len(raw) > maxLetter || len(e.ID) > maxName || len(e.Topic) > maxName || bytes.Contains(raw, []byte(`\u0000`)) {
		return unreadableLetter(raw)
	}

	return DeadLetter{ID: e.ID, Topic: e.Topic, Event: raw}
}

// unreadableLetter keeps bytes in base64, and beside them what can be read of them, so that a search, and the erasure of
// a person, finds it.
func unreadableLetter(raw []byte) DeadLetter {
	kept := raw[:min(len(raw), maxLetter)]
	sum := sha256.Sum256(kept)

	content, err := json.Marshal(map[string]any{
		"base64":    base64.StdEncoding.EncodeToString(kept),
		"text":      printable(kept),
		"truncated": len(raw) > maxLetter,
	})
	if err != nil { // texts and a truth value can always be encoded
		content = []byte(`{}`)
	}

	return DeadLetter{ID: hex.EncodeToString(sum[:]), Topic: unreadable, Event: content}
}

// printable leaves out what no text in a database can hold.
func printable(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "")
}

// DeadLetters are those of one service, for the operator who looks through them.
type DeadLetters struct {
	pool   *pgxpool.Pool
	schema string
}

// NewDeadLetters returns the dead letters in a schema.
func NewDeadLetters(pool *pgxpool.Pool, schema string) *DeadLetters {
	return &DeadLetters{pool: pool, schema: schema}
}

// List returns the letters that have been neither replayed nor dismissed, oldest first.
func (d *DeadLetters) List(ctx context.Context) ([]DeadLetter, error) {
	letters, err := postgres.List(ctx, d.pool, pgx.RowToStructByName[DeadLetter], `
		SELECT id, topic, event, received_at, replayed_at FROM `+tableName(d.schema, "dead_letters")+`
		WHERE replayed_at IS NULL AND dismissed_at IS NULL ORDER BY received_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}

	return letters, nil
}

// Dismiss ends the wait of a dead letter that needs no replay. It is kept for those who want to look at it later.
func (d *DeadLetters) Dismiss(ctx context.Context, letter DeadLetter) error {
	_, err := d.pool.Exec(ctx, `UPDATE `+tableName(d.schema, "dead_letters")+` SET dismissed_at = now()
		WHERE id = $1 AND topic = $2 AND received_at = $3`, letter.ID, letter.Topic, letter.ReceivedAt)
	if err != nil {
		return fmt.Errorf("dismiss a dead letter: %w", err)
	}

	return nil
}

// Publish hands an event to the broker.
type Publish func(ctx context.Context, topic, id string, data []byte) error

// Replay publishes a dead letter to its topic again, with the same id: consumers that have handled it skip it. A letter
// counts as replayed when the broker has it. Publishing signs it, so it must be proven by key to be ours; a nil key takes
// the word of the operator who has looked at it. It fails with ErrNotReplayable or ErrUnproven.
func (d *DeadLetters) Replay(ctx context.Context, letter DeadLetter, key *eventsign.Key, publish Publish) error {
	e, err := parse(letter.Event)
	if err != nil || letter.Topic == unreadable {
		return ErrNotReplayable
	}

	if key != nil {
		if topic, proven := key.ProvesEvent(letter.Event); !proven || topic != letter.Topic {
			return ErrUnproven
		}
	}

	if err := publish(ctx, letter.Topic, e.ID, e.Data); err != nil {
		return err
	}

	_, err = d.pool.Exec(ctx, `UPDATE `+tableName(d.schema, "dead_letters")+` SET replayed_at = now()
		WHERE id = $1 AND topic = $2 AND received_at = $3`, letter.ID, letter.Topic, letter.ReceivedAt)
	if err != nil {
		return fmt.Errorf("mark a dead letter as replayed: %w", err)
	}

	return nil
}
