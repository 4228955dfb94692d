package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/drain"
	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// atOnce is how many events leave in one transaction. All of them together are smaller than a gRPC message may be.
	atOnce = 200
	// gather is the least time between two batches: the first event leaves at once, those behind it together.
	gather = 50 * time.Millisecond
	// publishPoll is how often it is looked for events of which this process was not told.
	publishPoll = time.Second
	// publishTimeout bounds one batch with its transaction.
	publishTimeout = 8 * time.Second
)

// PublishFunc hands events of one topic to the broker, in any order, and returns the ids of those that it may not have
// taken. Publishing the same id again must be harmless.
type PublishFunc func(ctx context.Context, topic string, events []dapr.Event) (failed []string, err error)

// waiting is an event that is due.
type waiting struct {
	Seq   int64
	ID    uuid.UUID
	Topic string
	Data  []byte
	Trace string
}

// publishing publishes what is due until the context ends. Every replica does it; rows that another one has in hand are
// left to it, and come free with its connection should it die.
func (o *Outbox) publishing(ctx context.Context) {
	loop := drain.Loop{
		Due:    o.publishDue,
		AtOnce: atOnce,
		Gather: gather,
		Poll:   publishPoll,
		Wake:   o.wake,
		Failed: func(ctx context.Context, err error) { o.log.WarnContext(ctx, "events wait", "error", err) },
	}

	loop.Run(ctx)
}

// publishDue publishes events that are due, at most atOnce, and returns how many it has found.
func (o *Outbox) publishDue(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()

	err = postgres.InTx(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		due, err := postgres.List(ctx, tx, pgx.RowToStructByName[waiting], `
			SELECT seq, id, topic, data, trace FROM `+eventsTable(o.schema)+`
			WHERE due_at <= clock_timestamp() ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED`, atOnce)
		if n = len(due); err != nil || n == 0 {
			return err
		}

		left, kept := o.hand(ctx, due)

		return o.settle(ctx, tx, left, kept)
	})
	if err != nil {
		return n, fmt.Errorf("publish events: %w", err)
	}

	return n, nil
}

// hand gives events to the broker, topic by topic, and returns the rows of those that it has taken and of the others.
func (o *Outbox) hand(ctx context.Context, due []waiting) (left, kept []int64) {
	topics := map[string][]dapr.Event{}
	for _, w := range due {
		topics[w.Topic] = append(topics[w.Topic], dapr.Event{ID: w.ID.String(), Data: w.Data, TraceParent: w.Trace})
	}

	failed := map[string]bool{}

	for topic, events := range topics {
		ids, err := o.publishSafely(ctx, topic, events)
		if err != nil {
			o.log.WarnContext(ctx, "events not published, will be tried again", "topic", topic, "events", len(ids), "error", err)
		}

		for _, id := range ids {
			failed[id] = true
		}
	}

	for _, w := range due {
		if failed[w.ID.String()] {
			kept = append(kept, w.Seq)
		} else {
			left = append(left, w.Seq)
		}
	}

	return left, kept
}

// publishSafely takes an error that names no event for one about all of them, and a panic too.
func (o *Outbox) publishSafely(ctx context.Context, topic string, events []dapr.Event) (failed []string, err error) {
	err = guard(ctx, func(ctx context.Context) (err error) {
		failed, err = o.publish(ctx, topic, events)
		return err
	})
	if err == nil || len(failed) > 0 {
		return failed, err
	}

	for _, e := range events {
		failed = append(failed, e.ID)
	}

	return failed, err
}

// settle deletes the rows of events that have left, and puts the others off: each for itself and without end, because a
// broker may be away for days.
func (o *Outbox) settle(ctx context.Context, tx pgx.Tx, left, kept []int64) error {
	batch := &pgx.Batch{}
	if len(left) > 0 {
		batch.Queue(`DELETE FROM `+eventsTable(o.schema)+` WHERE seq = ANY($1)`, left)
	}

	if len(kept) > 0 {
		batch.Queue(`UPDATE `+eventsTable(o.schema)+` SET failures = failures + 1, due_at = clock_timestamp()
				+ least($2 * power(2, least(failures, 10)), $3) * interval '1 second'
			WHERE seq = ANY($1)`, kept, firstBackoff.Seconds(), maxBackoff.Seconds())
	}

	return tx.SendBatch(context.WithoutCancel(ctx), batch).Close()
}

// listening waits for those who insert events into this outbox from other processes, until the context ends.
func (o *Outbox) listening(ctx context.Context) {
	for ctx.Err() == nil {
		if err := o.listen(ctx); err != nil && ctx.Err() == nil {
			o.log.WarnContext(ctx, "listen for events", "error", err)
		}

		drain.Sleep(ctx, publishPoll)
	}
}

func (o *Outbox) listen(ctx context.Context) error {
	conn, err := o.pool.Acquire(ctx)
	if err != nil {
		return err
	}

	// The connection has become one that listens, so it is not given back.
	own := conn.Hijack()
	defer func() { _ = own.Close(context.WithoutCancel(ctx)) }()

	if _, err := own.Exec(ctx, "LISTEN "+pgx.Identifier{channelOf(o.schema)}.Sanitize()); err != nil {
		return err
	}

	for {
		if _, err := own.WaitForNotification(ctx); err != nil {
			return errors.Join(err, ctx.Err())
		}

		o.wake.Set()
	}
}
