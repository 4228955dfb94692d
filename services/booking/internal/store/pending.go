package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
	"github.com/shema-music/shema/services/kit/request"
)

// stillHeld is true of a booking b that nothing else has become of.
const stillHeld = `b.status = 'holding' AND b.abandoned_at IS NULL`

// becomesPending is what changes in a booking with that snapshot.
func becomesPending(lesson string) string {
	return `status = 'pending', state_version = 1, updated_at = clock_timestamp(), lesson = ` + lesson + `,
		course_name = ` + lesson + `->'course'->>'name', instrument = ` + lesson + `->'course'->>'instrument'`
}

// MakePending implements booking.Store. With it the answer is remembered, and the teacher is looked up of a course that
// has its first booking. Where neither is needed, requests that come at the same time share one statement.
func (s *Store) MakePending(ctx context.Context, held *booking.Booking, about *booking.Snapshot) (booking.Booking, bool, error) {
	wish, err := s.pendingWish(ctx, held, about)
	if err != nil {
		return booking.Booking{}, false, fmt.Errorf("announce a booking: %w", err)
	}

	made, err := s.pendings.Do(ctx, wish)
	if err != nil {
		return booking.Booking{}, false, fmt.Errorf("make a booking pending: %w", err)
	}

	if made == nil {
		return s.makePendingInTx(ctx, held.ID, about)
	}

	return *made, true, nil
}

// pendingWish is what makes a booking pending: its snapshot, and its event, to which the moment is still missing.
type pendingWish struct {
	id     uuid.UUID
	lesson *string
	event  outbox.Prepared
}

func (s *Store) pendingWish(ctx context.Context, held *booking.Booking, about *booking.Snapshot) (pendingWish, error) {
	next := held.MadePending(about)
	topic, payload := next.Event()
	payload.RequestID = request.From(ctx).ID

	event, err := s.outbox.Prepare(ctx, topic, payload)
	if err != nil || about == nil {
		return pendingWish{id: held.ID, event: event}, err
	}

	lesson, err := json.Marshal(about)

	return pendingWish{id: held.ID, lesson: new(string(lesson)), event: event}, err
}

// makeAllPending makes those bookings pending for which that is all that there is to do. The others, and all if the
// database refuses the statement, are left to their callers, as nil.
func (s *Store) makeAllPending(ctx context.Context, wishes []pendingWish) []batch.Result[*booking.Booking] {
	made, err := postgres.List(ctx, s.pool, scan, `
		WITH wanted AS (
			SELECT * FROM unnest(@ids::uuid[], @lessons::text[], @events::uuid[], @topics::text[], @data::text[], @traces::text[])
			AS w (booking_id, lesson, event_id, topic, data, trace)),
		pending AS (
			UPDATE booking.bookings b SET `+becomesPending("w.lesson::jsonb")+`
			FROM wanted w
			WHERE b.id = w.booking_id AND `+stillHeld+`
				AND EXISTS (SELECT FROM booking.course_teachers t WHERE t.course_id = b.course_id)
				AND NOT EXISTS (SELECT FROM booking.idempotency_keys k WHERE k.booking_id = b.id AND k.answer IS NULL)
			RETURNING b.*),
		finished AS (
			DELETE FROM booking.unfinished u USING pending p WHERE u.booking_id = p.id AND u.version <= p.state_version),
		announced AS (
			INSERT INTO booking.outbox_events (id, topic, data, trace)
			SELECT w.event_id, w.topic, jsonb_set(w.data::jsonb, '{timestamp}', to_jsonb(
				to_char(p.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::json, w.trace
			FROM pending p JOIN wanted w ON w.booking_id = p.id)
		SELECT `+columns+` FROM pending`, pendingArguments(firstOfEach(wishes)))
	if refusedByDatabase(err) {
		return make([]batch.Result[*booking.Booking], len(wishes))
	}

	if err != nil {
		return batch.Fail[*booking.Booking](len(wishes), err)
	}

	if len(made) > 0 {
		s.outbox.Wake()
	}

	return inOrder(wishes, made)
}

// firstOfEach leaves out wishes for bookings that one before them is for.
func firstOfEach(wishes []pendingWish) []pendingWish {
	seen := map[uuid.UUID]bool{}

	return slices.DeleteFunc(slices.Clone(wishes), func(w pendingWish) bool {
		again := seen[w.id]
		seen[w.id] = true

		return again
	})
}

func pendingArguments(wishes []pendingWish) pgx.NamedArgs {
	return pgx.NamedArgs{
		"ids":     each(wishes, func(w pendingWish) uuid.UUID { return w.id }),
		"lessons": each(wishes, func(w pendingWish) *string { return w.lesson }),
		"events":  each(wishes, func(w pendingWish) uuid.UUID { return w.event.ID }),
		"topics":  each(wishes, func(w pendingWish) string { return w.event.Topic }),
		"data":    each(wishes, func(w pendingWish) string { return string(w.event.Data) }),
		"traces":  each(wishes, func(w pendingWish) string { return w.event.TraceParent }),
	}
}

// inOrder finds for each wish the booking that it was about. Several may have wanted the same one: it is the first one's.
func inOrder(wishes []pendingWish, made []booking.Booking) []batch.Result[*booking.Booking] {
	byID := make(map[uuid.UUID]*booking.Booking, len(made))
	for i := range made {
		byID[made[i].ID] = &made[i]
	}

	results := make([]batch.Result[*booking.Booking], len(wishes))
	for i, w := range wishes {
		results[i].Answer = byID[w.id]
		delete(byID, w.id)
	}

	return results
}

func (s *Store) makePendingInTx(ctx context.Context, id uuid.UUID, about *booking.Snapshot) (booking.Booking, bool, error) {
	return s.change(ctx, func(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) (*booking.Booking, error) {
		b, err := postgres.Maybe(ctx, tx, scan, `
			UPDATE booking.bookings b SET `+becomesPending("$2::jsonb")+`
			WHERE b.id = $1 AND `+stillHeld+`
			RETURNING `+columns, id, about)
		if err != nil || b == nil {
			return nil, err
		}

		answer, err := answerOf(b.ID, booking.Answer{Booking: b})
		if err != nil {
			return nil, err
		}

		batch.Queue(answer.SQL, answer.Arguments...)
		batch.Queue(finishedSQL, []uuid.UUID{b.ID}, []int64{b.StateVersion})

		return b, s.bindTeacher(ctx, tx, b.CourseID)
	})
}
