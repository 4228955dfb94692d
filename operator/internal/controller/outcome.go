package controller

import (
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

// stallError ends a reconcile that cannot go on now, for a reason that a person
// should read. It is no failure of the operator.
type stallError struct {
	reason, message string
	// wait says when to look again: at the next resync, soon, or never.
	wait wait
}

// Error returns the reason and the message.
func (s *stallError) Error() string { return s.reason + ": " + s.message }

// wait says when a resource is looked at again by itself.
type wait int

const (
	// waitResync is the normal pace, which bounds how long drift lasts.
	waitResync wait = iota
	// waitSoon is for what is expected to change shortly.
	waitSoon
	// waitForever is for what only a change of the resource can help.
	waitForever
)

// outcome is what a reconcile came to.
type outcome struct {
	reason, message string
	// differs says why the database differs from the spec although the resource
	// is ready; empty when it does not.
	differs string
	wait    wait
}

func (o outcome) ready() bool { return o.reason == v1alpha1.ReasonApplied }

// computeOutcome turns the end of a reconcile into an outcome; success is the one for
// a nil error. Errors that say nothing about the resource are returned as they are.
func computeOutcome(err error, success outcome) (outcome, error) {
	var (
		stalled     *stallError
		invalid     *store.InvalidDataError
		unavailable *store.UnavailableError
	)

	switch {
	case err == nil:
		success.reason = v1alpha1.ReasonApplied
		return success, nil
	case errors.As(err, &stalled):
		return outcome{reason: stalled.reason, message: stalled.message, wait: stalled.wait}, nil
	case errors.As(err, &invalid):
		message := fmt.Sprintf("%s; correct it in the spec", invalid)
		return outcome{reason: v1alpha1.ReasonInvalidData, message: message}, nil
	case errors.As(err, &unavailable):
		message := fmt.Sprintf("%s; the operator tries again every few seconds", unavailable)
		return outcome{reason: v1alpha1.ReasonDatabaseUnavailable, message: message, wait: waitSoon}, nil
	default:
		return outcome{}, err
	}
}

// conditions says what an outcome means for a resource of this generation. It is
// the only place that decides about conditions.
func conditions(o outcome, generation int64) []metav1.Condition {
	ready := condition(v1alpha1.ConditionReady, o.ready(), o.reason, o.message, generation)
	synced := ready
	synced.Type = v1alpha1.ConditionSynced

	if o.ready() && o.differs != "" {
		synced = condition(v1alpha1.ConditionSynced, false, v1alpha1.ReasonSlotsInUse, o.differs, generation)
	}

	return []metav1.Condition{ready, synced}
}

func condition(kind string, ok bool, reason, message string, generation int64) metav1.Condition {
	status := metav1.ConditionFalse
	if ok {
		status = metav1.ConditionTrue
	}

	return metav1.Condition{
		Type:               kind,
		Status:             status,
		Reason:             reason,
		Message:            message,
		ObservedGeneration: generation,
	}
}

// slotsInUse stalls a deletion that waits for bookings.
func slotsInUse(removal store.Removal, now time.Time) *stallError {
	message := fmt.Sprintf("deletion waits for %d reserved and %d booked future slots: it goes on when their bookings have ended, "+
		"at the latest when the last of them has begun, on %s",
		removal.Counts.Reserved, removal.Counts.Booked, removal.LastHeld.UTC().Format(time.RFC3339))
	if !removal.LastHeld.After(now) {
		message = fmt.Sprintf("deletion waits for %d reserved slots that have passed: it goes on when their bookings, which are pending, "+
			"have been decided or have expired", removal.Counts.Reserved)
	}

	// The course service deletes withdrawn slots when it gets them back: nothing that the operator watches tells of it.
	return &stallError{reason: v1alpha1.ReasonSlotsInUse, message: message, wait: waitSoon}
}
