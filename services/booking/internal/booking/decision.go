package booking

import (
	"time"

	"github.com/google/uuid"

	bookingerrs "github.com/shema-music/shema/services/contracts/booking/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// Decision changes a booking's status once: the store applies it with one conditional update, and asks Refusal why it
// did not apply.
type Decision struct {
	BookingID uuid.UUID
	From, To  Status
	Reason    *Reason
	// Owner, when set, is the only user whose booking may be changed.
	Owner *uuid.UUID
	// Slot, when set, must be one of the two chosen, and becomes the confirmed one.
	Slot *uuid.UUID
	// Note is kept as decision_note.
	Note *string
}

// Confirmation returns the decision for one of the two slots.
func Confirmation(id, slot uuid.UUID) Decision {
	return Decision{
		BookingID: id,
		From:      Pending,
		To:        Confirmed,
		Slot:      &slot,
	}
}

// Rejection returns an admin's decision against a pending booking.
func Rejection(id uuid.UUID, note *string) Decision {
	return Decision{
		BookingID: id,
		From:      Pending,
		To:        Rejected,
		Reason:    new(ByAdmin),
		Note:      note,
	}
}

// Cancellation returns a student's decision to withdraw a pending booking of theirs.
func Cancellation(id, owner uuid.UUID) Decision {
	return Decision{
		BookingID: id,
		From:      Pending,
		To:        Cancelled,
		Reason:    new(ByStudent),
		Owner:     &owner,
	}
}

// Revocation returns an admin's decision to take a confirmed booking back. What was confirmed stays on record.
func Revocation(id uuid.UUID, note string) Decision {
	return Decision{
		BookingID: id,
		From:      Confirmed,
		To:        Cancelled,
		Reason:    new(ByAdmin),
		Note:      &note,
	}
}

// Refusal says why the decision does not apply to b at the moment now: ErrNotFound, ErrExpired, ErrNotPending,
// ErrNotConfirmed or ErrSlotNotChosen. B is nil when there is no such booking. It returns nil when the decision
// applies.
func (d Decision) Refusal(b *Booking, now time.Time) *errs.Kind {
	rules := []func(*Booking, time.Time) *errs.Kind{d.exists, d.inTime, d.fromStatus, d.slotChosen}
	for _, rule := range rules {
		if refusal := rule(b, now); refusal != nil {
			return refusal
		}
	}

	return nil
}

func (d Decision) exists(b *Booking, _ time.Time) *errs.Kind {
	if b == nil || b.Status == Holding || d.Owner != nil && *d.Owner != b.UserID {
		return bookingerrs.NotFound
	}

	return nil
}

// inTime refuses late decisions alike, whether or not the sweep has come by.
func (d Decision) inTime(b *Booking, now time.Time) *errs.Kind {
	swept := b.Status == Rejected && b.StatusReason != nil && *b.StatusReason == ByDeadline
	if d.From == Pending && (swept || b.ExpiredBy(now)) {
		return bookingerrs.Expired
	}

	return nil
}

func (d Decision) fromStatus(b *Booking, _ time.Time) *errs.Kind {
	switch {
	case b.Status == d.From:
		return nil
	case d.From == Confirmed:
		return bookingerrs.NotConfirmed
	}

	return bookingerrs.NotPending
}

func (d Decision) slotChosen(b *Booking, _ time.Time) *errs.Kind {
	if d.Slot != nil && *d.Slot != b.FirstChoice && *d.Slot != b.SecondChoice {
		return bookingerrs.SlotNotChosen
	}

	return nil
}
