package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/desired"
	"github.com/shema-music/shema/operator/internal/schedule"
	"github.com/shema-music/shema/operator/internal/store"
)

// scheduleReconciler keeps slots in line with Schedules.
type scheduleReconciler struct{ base }

// Reconcile looks at one Schedule.
func (r *scheduleReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	sched := &v1alpha1.Schedule{}
	if err := r.client.Get(ctx, request.NamespacedName, sched); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	return r.reconcile(ctx, &scheduleRun{base: &r.base, schedule: sched, now: r.clock.Now()})
}

// scheduleRun is one reconcile of one Schedule, at one moment.
type scheduleRun struct {
	*base

	schedule *v1alpha1.Schedule
	now      time.Time
	plan     schedule.Plan
	course   *v1alpha1.Course
	// applied is set when the slots have been applied, withdrawn when the free
	// ones have been withdrawn.
	applied   *store.SlotsResult
	withdrawn *store.Removal
}

func (r *scheduleRun) object() client.Object { return r.schedule }

func (r *scheduleRun) steps() []func(context.Context) error {
	if !r.schedule.DeletionTimestamp.IsZero() {
		return []func(context.Context) error{r.withdraw, r.removeFinalizer}
	}

	return []func(context.Context) error{r.addFinalizer, r.expand, r.findCourse, r.apply}
}

func (r *scheduleRun) addFinalizer(ctx context.Context) error {
	return r.base.addFinalizer(ctx, r.schedule)
}

func (r *scheduleRun) removeFinalizer(ctx context.Context) error {
	return r.base.removeFinalizer(ctx, r.schedule)
}

// expand computes the slots that the spec asks for.
func (r *scheduleRun) expand(context.Context) error {
	var err error

	r.plan, err = schedule.Expand(string(r.schedule.UID), &r.schedule.Spec, r.now)
	if err != nil {
		return &stallError{reason: v1alpha1.ReasonInvalidSchedule, message: err.Error(), wait: waitForever}
	}

	return nil
}

// findCourse finds the Course. When one comes or changes, its Schedules are
// looked at again.
func (r *scheduleRun) findCourse(ctx context.Context) error {
	key := types.NamespacedName{Namespace: r.schedule.Namespace, Name: r.schedule.Spec.CourseRef.Name}
	course := &v1alpha1.Course{}

	err := r.client.Get(ctx, key, course)
	if apierrors.IsNotFound(err) {
		return r.withoutCourse(ctx, "the Course %s does not exist; apply it, and this Schedule becomes ready by itself", key)
	}

	if err == nil && !course.DeletionTimestamp.IsZero() {
		return r.withoutCourse(ctx, "the Course %s is being deleted", key)
	}

	r.course = course

	return err
}

// withoutCourse withdraws the free slots, and stalls until there is a Course.
func (r *scheduleRun) withoutCourse(ctx context.Context, format string, key types.NamespacedName) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	removal, err := r.store.SuspendSlots(ctx, desired.Origin(r.schedule), r.now)
	if err != nil {
		return err
	}

	r.withdrawn = &removal

	return courseNotFound(format, key)
}

func courseNotFound(format string, args ...any) *stallError {
	return &stallError{reason: v1alpha1.ReasonCourseNotFound, message: fmt.Sprintf(format, args...)}
}

// apply brings the slots to the spec.
func (r *scheduleRun) apply(ctx context.Context) error {
	want := desired.Schedule(r.schedule, r.course.UID, r.plan)

	var result store.SlotsResult

	err := withTakeover(ctx, func(t store.Takeover) error {
		ctx, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()

		want.Takeover = t

		var err error

		result, err = r.store.ApplySlots(ctx, want, r.now)

		return err
	}, func(ctx context.Context, err error, t *store.Takeover) (bool, error) {
		return r.investigateStale(ctx, r.schedule, err, t)
	})
	if errors.Is(err, store.ErrCourseNotFound) {
		stall := courseNotFound("the Course %s/%s is not in the catalogue yet; see its conditions", r.course.Namespace, r.course.Name)
		stall.wait = waitSoon
		return stall
	}

	if err != nil {
		return err
	}

	r.applied = &result
	r.announce(result, want.Takeover)

	return nil
}

func (r *scheduleRun) announce(result store.SlotsResult, t store.Takeover) {
	if result.Adopted > 0 {
		r.announceAdoption(r.schedule, fmt.Sprintf("%d slots of a Schedule of this name that does not exist any more were taken over with "+
			"their ids", result.Adopted))
	}

	if t.Generation > 0 {
		r.announceDrift(r.schedule, fmt.Sprintf("slots came from generation %d, which the API server does not know, and were brought back "+
			"to generation %d", t.Generation, r.schedule.Generation))
		return
	}

	if drifted(r.schedule, result) {
		r.announceDrift(r.schedule, fmt.Sprintf("slots had been changed behind the operator's back and were put back: %d missing, "+
			"%d altered, %d too many", len(result.Added), result.Altered, result.Removed))
	}
}

// drifted reports whether what had to be written was done behind the operator's back: the
// spec had been applied before, and neither the horizon nor the end of a
// booking explains it.
func drifted(s *v1alpha1.Schedule, result store.SlotsResult) bool {
	if s.Status.AppliedGeneration != s.Generation {
		return false
	}

	synced := apimeta.FindStatusCondition(s.Status.Conditions, v1alpha1.ConditionSynced)

	waiting := s.Spec.Suspend || synced != nil && synced.Reason == v1alpha1.ReasonSlotsInUse
	if result.Altered+result.Removed > 0 && !waiting {
		return true
	}

	for _, slot := range result.Added {
		if slot.OneOff || slot.Day <= s.Status.SlotsUntil {
			return true
		}
	}

	return false
}

// withdraw removes the free slots, and stalls while bookings hold others.
func (r *scheduleRun) withdraw(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	removal, err := r.store.RemoveSlots(ctx, desired.Origin(r.schedule), r.now)
	if err != nil {
		return err
	}

	r.withdrawn = &removal
	if !removal.Done() {
		return slotsInUse(removal, r.now)
	}

	return nil
}
