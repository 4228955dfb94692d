package controller

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
)

func (r *scheduleRun) success() outcome {
	if r.applied == nil {
		return outcome{}
	}

	counts := r.applied.Counts
	if r.schedule.Spec.Suspend {
		return outcome{message: fmt.Sprintf("suspended: free slots are withdrawn, %d held slots stay", counts.Held())}
	}

	o := outcome{message: fmt.Sprintf("%d future slots, %d of them free", counts.Total(), counts.Available)}
	if r.applied.Kept > 0 {
		o.differs = fmt.Sprintf("%d future slots that the spec does not ask for like this any more stay until their bookings have ended "+
			"or they have passed (%d reserved and %d booked in all)", r.applied.Kept, counts.Reserved, counts.Booked)
	}

	return o
}

// describe brings the status up to date. What is not known at the moment stays
// as it was last seen.
func (r *scheduleRun) describe(o outcome) *[]metav1.Condition {
	status := &r.schedule.Status
	switch {
	case r.applied != nil:
		describeSlots(status, r.applied.Counts, r.applied.Next)
		status.AppliedGeneration = r.schedule.Generation
		status.SlotsUntil = r.plan.Until
	case r.withdrawn != nil:
		describeSlots(status, r.withdrawn.Counts, r.withdrawn.FirstHeld)
		status.AppliedGeneration, status.SlotsUntil = 0, ""
	case o.reason == v1alpha1.ReasonCourseNotFound:
		*status = v1alpha1.ScheduleStatus{Conditions: status.Conditions}
	}

	status.ObservedGeneration = r.schedule.Generation

	return &status.Conditions
}

func describeSlots(status *v1alpha1.ScheduleStatus, counts store.Counts, next time.Time) {
	total := counts.Total()
	status.Slots = slotCounts(counts)
	status.SlotCount = &total

	status.NextSlot = nil
	if !next.IsZero() {
		status.NextSlot = &metav1.Time{Time: next}
	}
}

func slotCounts(c store.Counts) *v1alpha1.SlotCounts {
	return &v1alpha1.SlotCounts{Available: c.Available, Reserved: c.Reserved, Booked: c.Booked}
}
