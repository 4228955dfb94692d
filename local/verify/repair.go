package verify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	"github.com/shema-music/shema/services/kit/outbox"
)

// errNotDerivable says that the tables don't tell what would be right.
var errNotDerivable = errors.New("the tables don't tell what would be right")

// repairer does for one id what can be derived. The transaction is one of a superuser.
type repairer func(ctx context.Context, tx pgx.Tx, work *workshop, id string) error

// workshop is what repairs are made with.
type workshop struct{ booking *outbox.Inserter }

// Repaired tells what Repair has begun: the services do the rest, in moments.
type Repaired struct {
	Check, ID string
	// Err says why nothing could be done.
	Err error
}

// Repair has the platform do again what the findings show was not done: a booking's state is announced once more, which
// every consumer takes without harm, unfinished bookings are finished, and given-up jobs are tried again. Of the services'
// data it changes itself only numbers that other rows tell. The pool is a superuser's.
func Repair(ctx context.Context, pool *pgxpool.Pool, result Result, log *slog.Logger) ([]Repaired, error) {
	inserter, err := outbox.NewInserter(pool, apps.Get(apps.Booking).Schema, log)
	if err != nil {
		return nil, err
	}

	work := &workshop{booking: inserter}

	var done []Repaired
	for _, finding := range result.Findings {
		if finding.Check.repair == nil {
			continue
		}

		for _, id := range finding.IDs {
			err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return finding.Check.repair(ctx, tx, work, id) })
			done = append(done, Repaired{Check: finding.Check.Name, ID: id, Err: err})
		}
	}

	return done, nil
}

// announceBooking publishes the state of a booking that has one at its end. A confirmation comes with its number and with
// what people are told, as the first one did: who knows it already is told nothing anew, and who never heard of it is. A
// booking that has ended, does not exist any more, or never became one is announced as cancelled without a number, which
// releases its slots and concerns no other booking.
func announceBooking(ctx context.Context, tx pgx.Tx, work *workshop, id string) error {
	bookingID, err := uuid.Parse(id)
	if err != nil {
		return fmt.Errorf("%q is no booking: %w", id, err)
	}

	event := bookingevents.Booking{
		EventType: bookingevents.TypeCancelled,
		BookingID: bookingID,
		Timestamp: time.Now().UTC(),
	}

	var (
		status string
		slot   *uuid.UUID
	)

	err = tx.QueryRow(ctx, `SELECT user_id, course_id, first_choice_slot_id, second_choice_slot_id, status, confirmed_slot_id
		FROM booking.bookings WHERE id = $1 FOR SHARE`, bookingID).
		Scan(&event.UserID, &event.CourseID, &event.FirstChoiceSlotID, &event.SecondChoiceSlotID, &status, &slot)

	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("read booking %s: %w", id, err)
	case status == statusConfirmed:
		event.ConfirmedSlotID = slot
		return announceConfirmed(ctx, tx, work, event)
	case status == "pending" || status == "holding":
		return fmt.Errorf("booking %s is %s: %w", id, status, errNotDerivable)
	}

	return work.booking.Publish(ctx, tx, bookingevents.TopicCancelled, event)
}

// statusConfirmed is the one status whose announcement makes something of people.
const statusConfirmed = "confirmed"

// announceConfirmed adds what only a confirmation needs: its number, the lesson as it was when the slots were held, and
// who gives it.
func announceConfirmed(ctx context.Context, tx pgx.Tx, work *workshop, event bookingevents.Booking) error {
	event.EventType, event.Status = bookingevents.TypeConfirmed, statusConfirmed

	err := tx.QueryRow(ctx, `SELECT state_version, coalesce(course_name, ''), coalesce(lesson -> 'course' ->> 'title', ''),
			lesson -> 'slots' -> first_choice_slot_id::text, lesson -> 'slots' -> second_choice_slot_id::text,
			package, expires_at, decision_note, decided_by, replaces, teacher_id
		FROM booking.bookings WHERE id = $1`, event.BookingID).
		Scan(&event.StateVersion, &event.CourseName, &event.CourseTitle, &event.FirstChoice, &event.SecondChoice,
			&event.Package, &event.ExpiresAt, &event.DecisionNote, &event.ActorID, &event.Replaces, &event.TeacherID)
	if err != nil {
		return fmt.Errorf("read booking %s: %w", event.BookingID, err)
	}

	return work.booking.Publish(ctx, tx, bookingevents.TopicConfirmed, event)
}

// finishBooking lets the booking service finish or undo a booking that it may have forgotten.
func finishBooking(ctx context.Context, tx pgx.Tx, _ *workshop, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO booking.unfinished (booking_id, version, due_at)
		SELECT id, state_version, now() FROM booking.bookings WHERE id = $1 AND status = 'holding'
		ON CONFLICT (booking_id) DO UPDATE SET due_at = EXCLUDED.due_at, failures = 0`, id)
	if err != nil {
		return fmt.Errorf("have booking %s finished: %w", id, err)
	}

	return nil
}

// countStudents counts anew. Accounts that are made meanwhile wait with their own part of the count for the lock, so each
// is counted once.
func countStudents(ctx context.Context, tx pgx.Tx, _ *workshop, _ string) error {
	_, err := tx.Exec(ctx, `LOCK TABLE users.student_counts IN EXCLUSIVE MODE`)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE users.student_counts SET count = CASE part WHEN 0
			THEN (SELECT count(*) FROM users.users WHERE role = 'student' AND erased_at IS NULL) ELSE 0 END`)
	}

	if err != nil {
		return fmt.Errorf("count the students: %w", err)
	}

	return nil
}

// setBackReadMarks lets no person have read further than the conversation goes.
func setBackReadMarks(ctx context.Context, tx pgx.Tx, _ *workshop, id string) error {
	_, err := tx.Exec(ctx, `UPDATE chat.read_marks r SET seq = s.last_seq FROM chat.chat_sessions s
		WHERE s.id = $1 AND r.session_id = s.id AND r.seq > s.last_seq`, id)
	if err != nil {
		return fmt.Errorf("set back the read marks of conversation %s: %w", id, err)
	}

	return nil
}

// retryJob lets a given-up job be worked once more. Its id is written like "booking finish_booking 7".
func retryJob(ctx context.Context, tx pgx.Tx, _ *workshop, id string) error {
	words := strings.Fields(id)
	if len(words) < 3 { //nolint:mnd // schema, kind, number
		return fmt.Errorf("%q names no job", id)
	}

	number, err := strconv.ParseInt(words[len(words)-1], 10, 64)
	if err != nil {
		return fmt.Errorf("%q names no job: %w", id, err)
	}

	_, err = tx.Exec(ctx, `UPDATE `+pgx.Identifier{words[0], "river_job"}.Sanitize()+`
		SET state = 'available', scheduled_at = now(), finalized_at = NULL, max_attempts = greatest(max_attempts, attempt + 1)
		WHERE id = $1 AND state = 'discarded'`, number)
	if err != nil {
		return fmt.Errorf("have job %s tried again: %w", id, err)
	}

	return nil
}
