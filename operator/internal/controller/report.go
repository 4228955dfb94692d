package controller

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// The reasons of events that are not reasons of conditions.
const (
	eventDriftCorrected = "DriftCorrected"
	eventArchived       = "Archived"
	eventDeleted        = "Deleted"
	eventAdopted        = "Adopted"
)

// report writes the status if it says something new, and tells about a new
// reason in an event and in the log.
func (b *base) report(ctx context.Context, r run, o outcome) error {
	countReconcile(r.object(), o.reason)

	before := copied(r.object())
	list := r.describe(o)

	old := reasonOf(*list)
	for _, c := range conditions(o, r.object().GetGeneration()) {
		apimeta.SetStatusCondition(list, c)
	}

	if equality.Semantic.DeepEqual(before, r.object()) {
		return nil
	}

	if old != o.reason {
		b.announceReason(ctx, r.object(), o)
	}

	return b.client.Status().Patch(ctx, r.object(), client.MergeFrom(before))
}

func reasonOf(list []metav1.Condition) string {
	if ready := apimeta.FindStatusCondition(list, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}

	return ""
}

func (b *base) announceReason(ctx context.Context, object client.Object, o outcome) {
	log.FromContext(ctx).Info("the resource has a new state", "reason", o.reason, "message", o.message)

	kind := corev1.EventTypeWarning
	if o.ready() {
		kind = corev1.EventTypeNormal
	}

	b.recorder.Eventf(object, nil, kind, o.reason, "Reconcile", "%s", o.message)
}

// announceDrift tells about drift that has been put back.
func (b *base) announceDrift(object client.Object, note string) {
	drift.WithLabelValues(kindOf(object)).Inc()
	b.recorder.Eventf(object, nil, corev1.EventTypeWarning, eventDriftCorrected, "Repair", "%s", note)
}

// announceAdoption tells about rows that have been taken over.
func (b *base) announceAdoption(object client.Object, note string) {
	b.recorder.Eventf(object, nil, corev1.EventTypeNormal, eventAdopted, "Reconcile", "%s", note)
}
