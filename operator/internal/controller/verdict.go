package controller

import (
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

// halt ends a reconcile that cannot go on now, for a reason that a person
// should read. It is no failure of the operator.
type halt struct {
	reason, message string
	// wait says when to look again: at the next resync, soon, or never.
	wait wait
}

// Error returns the reason and the message.
func (h *halt) Error() string { return h.reason + ": " + h.message }

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

// verdict is what a reconcile came to.
type verdict struct {
	reason, message string
	// kept says why the database differs from the spec although the resource
	// is ready; empty when it does not.
	kept string
	wait wait
}

func (v verdict) ready() bool { return v.reason == v1alpha1.ReasonApplied }

// judge turns the end of a reconcile into a verdict; done is the one for a nil
// error. Errors that say nothing about the resource are returned as they are.
func judge(err error, done verdict) (verdict, error) {
	var stopped *halt
	var unavailable *store.UnavailableError
	switch {
	case err == nil:
		done.reason = v1alpha1.ReasonApplied
		return done, nil
	case errors.As(err, &stopped):
		return verdict{reason: stopped.reason, message: stopped.message, wait: stopped.wait}, nil
	case errors.As(err, &unavailable):
		message := fmt.Sprintf("%s; the operator tries again every few seconds", unavailable)
		return verdict{reason: v1alpha1.ReasonDatabaseUnavailable, message: message, wait: waitSoon}, nil
	default:
		return verdict{}, err
	}
}

// conditions says what a verdict means for a resource of this generation. It is
// the only place that decides about conditions.
func conditions(v verdict, generation int64) []metav1.Condition {
	ready := condition(v1alpha1.ConditionReady, v.ready(), v.reason, v.message, generation)
	synced := ready
	synced.Type = v1alpha1.ConditionSynced
	if v.ready() && v.kept != "" {
		synced = condition(v1alpha1.ConditionSynced, false, v1alpha1.ReasonSlotsInUse, v.kept, generation)
	}
	return []metav1.Condition{ready, synced}
}

func condition(kind string, ok bool, reason, message string, generation int64) metav1.Condition {
	status := metav1.ConditionFalse
	if ok {
		status = metav1.ConditionTrue
	}
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message, ObservedGeneration: generation}
}

// slotsInUse is the halt of a deletion that waits for bookings.
func slotsInUse(removal store.Removal) *halt {
	message := fmt.Sprintf("deletion waits for %d reserved and %d booked future slots: it goes on when their bookings have ended, "+
		"at the latest when the last of them has begun, on %s",
		removal.Counts.Reserved, removal.Counts.Booked, removal.LastHeld.UTC().Format(time.RFC3339))
	return &halt{reason: v1alpha1.ReasonSlotsInUse, message: message}
}
