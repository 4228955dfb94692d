// Package store keeps bookings and remembered answers in the schema booking.
package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/kit/batch"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/request"
)

// Schema is where the tables are, and Role who owns them.
const (
	Schema = "booking"
	Role   = "booking_service"
)

// Store implements booking.Store.
type Store struct {
	pool   *pgxpool.Pool
	outbox outbox.Preparer
	// holds and pendings do by one statement what requests want at the same time.
	holds    *batch.Group[booking.Request, booking.Hold]
	pendings *batch.Group[pendingWish, *booking.Booking]
}

const (
	// atOnce is how many requests one statement is for.
	atOnce = 20
	// patience is for how long a statement keeps other requests waiting.
	patience = 50 * time.Millisecond
)

// New returns the store on a pool whose role owns the schema.
func New(pool *pgxpool.Pool, events outbox.Preparer) *Store {
	s := &Store{pool: pool, outbox: events}
	s.holds = batch.NewGroup(s.holdAll, atOnce, patience)
	s.pendings = batch.NewGroup(s.makeAllPending, atOnce, patience)

	return s
}

// FinishBooking are the arguments of the job by which earlier versions had bookings finished.
type FinishBooking struct {
	BookingID uuid.UUID `json:"booking_id"`
}

// Kind names the job in River's table.
func (FinishBooking) Kind() string { return "finish_booking" }

const columns = `id, user_id, course_id, first_choice_slot_id, second_choice_slot_id, package, status, status_reason,
	state_version, abandoned_at IS NOT NULL AS abandoned, note, created_at, expires_at, confirmed_slot_id, confirmed_at,
	decided_by, decided_at, decision_note, replaces, replaced_by, teacher_id, teacher_changes, teacher_changed_at, attended, attendance_note, updated_at,
	lesson`

// row has the fields of columns.
type row struct {
	ID                 uuid.UUID         `db:"id"`
	UserID             uuid.UUID         `db:"user_id"`
	CourseID           uuid.UUID         `db:"course_id"`
	FirstChoiceSlotID  uuid.UUID         `db:"first_choice_slot_id"`
	SecondChoiceSlotID uuid.UUID         `db:"second_choice_slot_id"`
	Package            *string           `db:"package"`
	Status             booking.Status    `db:"status"`
	StatusReason       *booking.Reason   `db:"status_reason"`
	StateVersion       int64             `db:"state_version"`
	Abandoned          bool              `db:"abandoned"`
	Note               *string           `db:"note"`
	CreatedAt          time.Time         `db:"created_at"`
	ExpiresAt          time.Time         `db:"expires_at"`
	ConfirmedSlotID    *uuid.UUID        `db:"confirmed_slot_id"`
	ConfirmedAt        *time.Time        `db:"confirmed_at"`
	DecidedBy          *uuid.UUID        `db:"decided_by"`
	DecidedAt          *time.Time        `db:"decided_at"`
	DecisionNote       *string           `db:"decision_note"`
	Replaces           *uuid.UUID        `db:"replaces"`
	ReplacedBy         *uuid.UUID        `db:"replaced_by"`
	TeacherID          *uuid.UUID        `db:"teacher_id"`
	TeacherChanges     int64             `db:"teacher_changes"`
	TeacherChangedAt   *time.Time        `db:"teacher_changed_at"`
	Attended           *bool             `db:"attended"`
	AttendanceNote     *string           `db:"attendance_note"`
	UpdatedAt          time.Time         `db:"updated_at"`
	Lesson             *booking.Snapshot `db:"lesson"`
}

func (r *row) booking() booking.Booking {
	return booking.Booking{
		ID:               r.ID,
		UserID:           r.UserID,
		CourseID:         r.CourseID,
		FirstChoice:      r.FirstChoiceSlotID,
		SecondChoice:     r.SecondChoiceSlotID,
		Package:          r.Package,
		Status:           r.Status,
		StatusReason:     r.StatusReason,
		StateVersion:     r.StateVersion,
		Abandoned:        r.Abandoned,
		Note:             r.Note,
		CreatedAt:        r.CreatedAt.UTC(),
		ExpiresAt:        r.ExpiresAt.UTC(),
		ConfirmedSlotID:  r.ConfirmedSlotID,
		ConfirmedAt:      utc(r.ConfirmedAt),
		DecidedBy:        r.DecidedBy,
		DecidedAt:        utc(r.DecidedAt),
		DecisionNote:     r.DecisionNote,
		Replaces:         r.Replaces,
		ReplacedBy:       r.ReplacedBy,
		TeacherID:        r.TeacherID,
		TeacherChanges:   r.TeacherChanges,
		TeacherChangedAt: utc(r.TeacherChangedAt),
		Attended:         r.Attended,
		AttendanceNote:   r.AttendanceNote,
		UpdatedAt:        r.UpdatedAt.UTC(),
		Snapshot:         r.Lesson,
	}
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}

	return new(at.UTC())
}

// scan reads columns.
func scan(r pgx.CollectableRow) (booking.Booking, error) {
	found, err := pgx.RowToStructByName[row](r)
	return found.booking(), err
}

// announce publishes that the booking has reached its status, by statements of the batch. Behind a decision the slots
// must follow, so it is unfinished; those of the booking that a confirmed one has replaced follow with the latter's.
func (s *Store) announce(ctx context.Context, batch *pgx.Batch, b *booking.Booking) error {
	topic, payload := b.Event()
	payload.RequestID = request.From(ctx).ID

	if err := s.outbox.Queue(ctx, batch, topic, payload); err != nil {
		return err
	}

	if b.Status != booking.Pending && b.ReplacedBy == nil {
		finishLater(batch, b)
	}

	return nil
}
