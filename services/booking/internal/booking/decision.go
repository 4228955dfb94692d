package booking

import (
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
)

// Notice is how long before its lesson a confirmed booking may be cancelled or rescheduled by its student. It counts
// hours, not days, so that clock changes don't matter.
const Notice = 24 * time.Hour

// Decision changes a booking's status once: the store locks the booking and applies what Apply returns.
type Decision struct {
	BookingID uuid.UUID
	// By is the person who decides.
	By uuid.UUID
	// Slot is the slot that a confirmation gives; Note is kept as decision_note.
	Slot *uuid.UUID
	Note *string

	verb verb
}

type verb int

const (
	confirm verb = iota
	reject
	cancel
	revoke
)

// Confirmation returns an admin's decision for one of the two slots.
func Confirmation(id, slot, by uuid.UUID) Decision {
	return Decision{
		BookingID: id,
		By:        by,
		Slot:      &slot,
		verb:      confirm,
	}
}

// Rejection returns an admin's decision against a pending booking.
func Rejection(id, by uuid.UUID, note *string) Decision {
	return Decision{
		BookingID: id,
		By:        by,
		Note:      note,
		verb:      reject,
	}
}

// Cancellation returns a student's decision to withdraw a booking of theirs.
func Cancellation(id, by uuid.UUID) Decision {
	return Decision{BookingID: id, By: by, verb: cancel}
}

// Revocation returns an admin's decision to take a confirmed booking back. What was confirmed stays on record.
func Revocation(id, by uuid.UUID, note string) Decision {
	return Decision{
		BookingID: id,
		By:        by,
		Note:      &note,
		verb:      revoke,
	}
}

// Outcome is what a decision has made of its booking, and of the one that it replaces if that ended with it.
type Outcome struct {
	Booking  Booking
	Replaced *Booking
}

// Apply returns what the decision makes of b at the moment now, or why it does not apply: NotFound, Expired, NotPending,
// NotConfirmed, SlotNotChosen, SlotBegun or TooLate. B is nil when there is no such booking, replaced unless b replaces
// one.
func (d Decision) Apply(b, replaced *Booking, now time.Time) (Outcome, error) {
	for _, rule := range []func(b, replaced *Booking, now time.Time) error{
		d.exists, d.inTime, d.fromStatus, d.slotChosen, d.notBegun, d.earlyEnough,
	} {
		if refusal := rule(b, replaced, now); refusal != nil {
			return Outcome{}, refusal
		}
	}

	decided := b.decidedBy(d.By, now)
	decided.DecisionNote = d.Note

	switch d.verb {
	case confirm:
		decided.Status, decided.ConfirmedSlotID, decided.ConfirmedAt = Confirmed, d.Slot, &now
		return Outcome{Booking: decided, Replaced: replaced.replacedBy(&decided, now)}, nil
	case reject:
		decided.Status, decided.StatusReason = Rejected, new(ByAdmin)
	case cancel:
		decided.Status, decided.StatusReason = Cancelled, new(ByStudent)
	case revoke:
		decided.Status, decided.StatusReason = Cancelled, new(ByAdmin)
	}

	return Outcome{Booking: decided}, nil
}

// MadeIt reports whether b is what this decision makes of a booking.
func (d Decision) MadeIt(b *Booking) bool {
	if b.DecidedBy == nil || *b.DecidedBy != d.By {
		return false
	}

	switch d.verb {
	case confirm:
		return b.Status == Confirmed && *b.ConfirmedSlotID == *d.Slot
	case reject:
		return b.Status == Rejected
	case cancel, revoke:
	}

	return b.Status == Cancelled
}

// decidedBy returns a copy in its next state.
func (b *Booking) decidedBy(person uuid.UUID, now time.Time) Booking {
	next := *b
	next.StateVersion++
	next.DecidedBy, next.DecidedAt, next.UpdatedAt = &person, &now, now

	return next
}

// Leave returns what becomes of an open booking when its student leaves the school: it is cancelled at once.
func (b *Booking) Leave(now time.Time) Booking {
	left := b.decidedBy(b.UserID, now)
	left.Status, left.StatusReason, left.DecisionNote = Cancelled, new(ByStudent), nil

	return left
}

// replacedBy returns what becomes of a booking when the one that replaces it is confirmed, or nil if it is confirmed no
// more, and the other one is a booking like any.
func (b *Booking) replacedBy(other *Booking, now time.Time) *Booking {
	if b == nil || b.Status != Confirmed {
		return nil
	}

	ended := b.decidedBy(*other.DecidedBy, now)
	ended.Status, ended.StatusReason, ended.ReplacedBy = Cancelled, new(ByReschedule), &other.ID

	return &ended
}

func (d Decision) exists(b, _ *Booking, _ time.Time) error {
	if b == nil || b.Status == Holding || d.verb == cancel && d.By != b.UserID {
		return bookingerrs.NotFound
	}

	return nil
}

// inTime refuses late decisions alike, whether or not the sweep has come by.
func (d Decision) inTime(b, _ *Booking, now time.Time) error {
	swept := b.Status == Rejected && b.StatusReason != nil && *b.StatusReason == ByDeadline
	if d.verb != revoke && (swept || b.ExpiredBy(now)) {
		return bookingerrs.Expired
	}

	return nil
}

func (d Decision) fromStatus(b, _ *Booking, _ time.Time) error {
	switch {
	case d.verb == revoke && b.Status != Confirmed:
		return bookingerrs.NotConfirmed
	case d.verb == revoke, b.Status == Pending, d.verb == cancel && b.Status == Confirmed:
		return nil
	}

	return bookingerrs.NotPending
}

func (d Decision) slotChosen(b, _ *Booking, _ time.Time) error {
	if d.Slot != nil && *d.Slot != b.FirstChoice && *d.Slot != b.SecondChoice {
		return bookingerrs.SlotNotChosen
	}

	return nil
}

// notBegun refuses to confirm a lesson that has begun, and to move one away that has.
func (d Decision) notBegun(b, replaced *Booking, now time.Time) error {
	if d.verb != confirm {
		return nil
	}

	if slot := b.Slot(*d.Slot); slot != nil && !now.Before(slot.StartsAt) {
		return begun(*d.Slot)
	}

	if replaced == nil || replaced.Status != Confirmed {
		return nil
	}

	if lesson := replaced.Lesson(); lesson != nil && !now.Before(lesson.StartsAt) {
		return begun(*replaced.ConfirmedSlotID)
	}

	return nil
}

func begun(slot uuid.UUID) error {
	return bookingerrs.SlotBegun.With(map[string]any{"slot_ids": []uuid.UUID{slot}})
}

func (d Decision) earlyEnough(b, _ *Booking, now time.Time) error {
	if d.verb == cancel && b.Status == Confirmed {
		return b.withNotice(now)
	}

	return nil
}

// withNotice returns TooLate when less than Notice is left until the lesson.
func (b *Booking) withNotice(now time.Time) error {
	if lesson := b.Lesson(); lesson != nil && now.Add(Notice).After(lesson.StartsAt) {
		return bookingerrs.TooLate
	}

	return nil
}
