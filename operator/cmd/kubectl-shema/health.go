package main

import (
	"fmt"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// Reasons that only the plugin gives: the operator has not spoken yet.
const (
	reasonUnseen   = "NotSeen"
	reasonOutdated = "Outdated"
	reasonDeleting = "Deleting"
)

// health is how a resource is doing.
type health struct {
	ready           bool
	reason, message string
	// since is when it began to be like this.
	since time.Time
	// remark says why the database differs although the resource is ready.
	remark string
}

// healthOf judges by what the operator wrote, and by whether it has seen the
// resource as it is now.
func healthOf(object metav1.Object, conditions []metav1.Condition, observed int64) health {
	ready := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return health{reason: reasonUnseen, message: "the operator has not looked at it; is it running, and does it watch this namespace?",
			since: object.GetCreationTimestamp().Time}
	}

	h := health{
		ready:   ready.Status == metav1.ConditionTrue,
		reason:  ready.Reason,
		message: ready.Message,
		since:   ready.LastTransitionTime.Time,
	}

	seen := observed >= object.GetGeneration()
	switch {
	case object.GetDeletionTimestamp() != nil && (h.ready || !seen):
		h = health{reason: reasonDeleting, message: "the operator has not withdrawn it yet", since: object.GetDeletionTimestamp().Time}
	case !seen:
		h.ready, h.reason = false, reasonOutdated
		h.message = fmt.Sprintf("the operator has not looked at generation %d; generation %d was %s: %s",
			object.GetGeneration(), observed, ready.Reason, ready.Message)
	case h.ready:
		h.remark = remark(conditions)
	}

	return h
}

func remark(conditions []metav1.Condition) string {
	synced := apimeta.FindStatusCondition(conditions, v1alpha1.ConditionSynced)
	if synced == nil || synced.Status == metav1.ConditionTrue {
		return ""
	}

	return synced.Reason + ": " + synced.Message
}

// sentence says why the resource is not ready, and for how long.
func (h health) sentence(now time.Time) string {
	return fmt.Sprintf("%s for %s: %s", h.reason, duration.HumanDuration(now.Sub(h.since)), h.message)
}

// word is what the column READY shows.
func (h health) word() string {
	if h.ready {
		return "True"
	}

	return h.reason
}
