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
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/kit/httpserver"
)

// unreadable is the topic of dead letters that are no CloudEvents.
const unreadable = "unreadable"

// ErrNotReplayable says that a dead letter is not an event that could be published.
var ErrNotReplayable = errors.New("the dead letter is not an event that can be published again")

// DeadLetter is an event that could not be handled.
type DeadLetter struct {
	ID         string          `db:"id"`
	Topic      string          `db:"topic"`
	Event      json.RawMessage `db:"event"`
	ReceivedAt time.Time       `db:"received_at"`
	ReplayedAt *time.Time      `db:"replayed_at"`
}

// takeDeadLetter stores whatever comes. A letter that comes again after its replay waits for a replay again.
func (i *Inbox) takeDeadLetter(c *gin.Context) {
	raw, err := httpserver.ReadBody(c)
	if err == nil {
		err = i.store(c.Request.Context(), raw)
	}

	if err != nil {
		httpserver.Fail(c, retryable(err))
		return
	}

	c.JSON(http.StatusOK, gin.H{"status": "SUCCESS"})
}

func (i *Inbox) store(ctx context.Context, raw []byte) error {
	letter := readLetter(raw)
	i.log.ErrorContext(ctx, "dead letter", "topic", letter.Topic, "event_id", letter.ID)

	_, err := i.pool.Exec(ctx, `INSERT INTO `+i.table("dead_letters")+` (id, topic, event) VALUES ($1, $2, $3)
		ON CONFLICT (id, topic) DO UPDATE SET received_at = now(), replayed_at = NULL`,
		letter.ID, letter.Topic, letter.Event)
	if err != nil {
		return fmt.Errorf("store a dead letter: %w", err)
	}

	return nil
}

// readLetter makes a row of any bytes. What is no CloudEvent, or holds a NUL, is kept as text in base64.
func readLetter(raw []byte) DeadLetter {
	e, err := parse(raw)
	if err == nil && !bytes.Contains(raw, []byte(`\u0000`)) {
		return DeadLetter{ID: e.ID, Topic: e.Topic, Event: raw}
	}

	sum := sha256.Sum256(raw)
	kept := fmt.Appendf(nil, `{"base64":%q}`, base64.StdEncoding.EncodeToString(raw))

	return DeadLetter{ID: hex.EncodeToString(sum[:]), Topic: unreadable, Event: kept}
}

// List returns the dead letters of a schema that have not been replayed, oldest first.
func List(ctx context.Context, pool *pgxpool.Pool, schema string) ([]DeadLetter, error) {
	rows, err := pool.Query(ctx, `SELECT id, topic, event, received_at, replayed_at
		FROM `+tableName(schema, "dead_letters")+` WHERE replayed_at IS NULL ORDER BY received_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}

	letters, err := pgx.CollectRows(rows, pgx.RowToStructByName[DeadLetter])
	if err != nil {
		return nil, fmt.Errorf("list dead letters: %w", err)
	}

	return letters, nil
}

// Publish hands an event to the broker.
type Publish func(ctx context.Context, topic, id string, data []byte) error

// Replay publishes a dead letter to its topic again, with the same id: consumers that have handled it skip it. A letter
// counts as replayed when the broker has it.
func Replay(ctx context.Context, pool *pgxpool.Pool, schema string, letter DeadLetter, publish Publish) error {
	e, err := parse(letter.Event)
	if err != nil || letter.Topic == unreadable {
		return ErrNotReplayable
	}

	if err := publish(ctx, letter.Topic, e.ID, e.Data); err != nil {
		return err
	}

	_, err = pool.Exec(ctx, `UPDATE `+tableName(schema, "dead_letters")+` SET replayed_at = now()
		WHERE id = $1 AND topic = $2 AND received_at = $3`, letter.ID, letter.Topic, letter.ReceivedAt)
	if err != nil {
		return fmt.Errorf("mark a dead letter as replayed: %w", err)
	}

	return nil
}
