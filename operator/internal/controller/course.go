package controller

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/desired"
	"github.com/shema-music/shema/operator/internal/store"
)

// courseReconciler keeps catalogue entries in line with Courses.
type courseReconciler struct{ base }

// Reconcile looks at one Course.
func (r *courseReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	course := &v1alpha1.Course{}
	if err := r.client.Get(ctx, request.NamespacedName, course); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	return r.reconcile(ctx, &courseRun{base: &r.base, course: course})
}

// courseRun is one reconcile of one Course.
type courseRun struct {
	*base

	course *v1alpha1.Course
	id     uuid.UUID
	counts *store.Counts
}

func (r *courseRun) object() client.Object { return r.course }

func (r *courseRun) steps() []func(context.Context) error {
	if !r.course.DeletionTimestamp.IsZero() {
		return []func(context.Context) error{r.withdraw, r.removeFinalizer}
	}

	return []func(context.Context) error{r.addFinalizer, r.apply, r.count}
}

func (r *courseRun) addFinalizer(ctx context.Context) error {
	return r.base.addFinalizer(ctx, r.course)
}

func (r *courseRun) removeFinalizer(ctx context.Context) error {
	return r.base.removeFinalizer(ctx, r.course)
}

// apply brings the entry to the spec.
func (r *courseRun) apply(ctx context.Context) error {
	earlier, err := r.earlier(ctx)
	if err != nil {
		return err
	}

	claim := desired.Course(r.course)
	claim.First = earlier == nil

	var result store.CourseResult

	err = withTakeover(ctx, func(t store.Takeover) error {
		ctx, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()

		claim.Takeover = t

		var err error

		result, err = r.store.ApplyCourse(ctx, claim, r.clock.Now())

		return err
	}, r.investigate)
	if conflict := new(store.NameConflictError); errors.As(err, &conflict) {
		return nameConflict(r.course.Name, conflict, earlier)
	}

	if err != nil {
		return err
	}

	r.id = result.ID
	r.announce(result.Change)

	return nil
}

func (r *courseRun) investigate(ctx context.Context, err error, t *store.Takeover) (bool, error) {
	learned, failed := r.investigateStale(ctx, r.course, err, t)
	if learned || failed != nil {
		return learned, failed
	}

	return r.investigateConflict(ctx, err, t)
}

func (r *courseRun) announce(change store.Change) {
	switch change {
	case store.Repaired:
		r.announceDrift(r.course, "the catalogue entry had been changed or deleted behind the operator's back, or came from a lost "+
			"version of this Course, and was put back")
	case store.Adopted:
		r.announceAdoption(r.course, fmt.Sprintf("the catalogue entry of this name, whose Course does not exist any more, was taken over "+
			"with its id %s", r.id))
	default:
	}
}

// earlier returns the Course that had this name first, if there is another one.
func (r *courseRun) earlier(ctx context.Context) (*v1alpha1.Course, error) {
	var same v1alpha1.CourseList
	if err := r.client.List(ctx, &same, client.MatchingFields{indexName: r.course.Name}); err != nil {
		return nil, err
	}

	first := r.course
	for i := range same.Items {
		if cameBefore(&same.Items[i], first) {
			first = &same.Items[i]
		}
	}

	if first.UID == r.course.UID {
		return nil, nil //nolint:nilnil // no other Course is no error
	}

	return first, nil
}

// cameBefore orders Courses by their creation, to the second, and then by uid.
func cameBefore(a, b *v1alpha1.Course) bool {
	if a.CreationTimestamp.Equal(&b.CreationTimestamp) {
		return a.UID < b.UID
	}

	return a.CreationTimestamp.Before(&b.CreationTimestamp)
}

func nameConflict(name string, conflict *store.NameConflictError, earlier *v1alpha1.Course) *stallError {
	owner := conflict.Namespace
	if owner == "" && earlier != nil {
		owner = earlier.Namespace
	}

	message := fmt.Sprintf("the name %s belongs to the Course %s/%s; course names are unique over all namespaces: "+
		"delete one of the two, or apply this one under another name", name, owner, name)

	return &stallError{reason: v1alpha1.ReasonNameConflict, message: message}
}

// count counts the slots of the course.
func (r *courseRun) count(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	counts, err := r.store.CourseCounts(ctx, r.id, r.clock.Now())
	if err == nil {
		r.counts = &counts
	}

	return err
}

// withdraw hides the entry, and archives or deletes it when no booking holds a
// future slot.
func (r *courseRun) withdraw(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	erase := r.course.Spec.DeletionPolicy == v1alpha1.DeletionPolicyDelete
	claim, now := desired.Course(r.course), r.clock.Now()

	removal, err := r.store.RemoveCourse(ctx, claim.Origin, claim.KnownID, erase, now)
	if err != nil {
		return err
	}

	if !removal.Done() {
		r.counts = &removal.Counts
		return slotsInUse(removal, now)
	}

	if removal.Change != store.Unchanged {
		reason, note := eventArchived, "the catalogue entry was archived"
		if erase {
			reason, note = eventDeleted, "the catalogue entry was deleted with its slots"
		}

		r.recorder.Eventf(r.course, nil, corev1.EventTypeNormal, reason, "Withdraw", "%s", note)
	}

	return nil
}

func (r *courseRun) success() outcome {
	if !r.course.IsPublished() {
		return outcome{message: "the course is in the catalogue, hidden from students"}
	}

	return outcome{message: "the course is in the catalogue"}
}

func (r *courseRun) describe(outcome) *[]metav1.Condition {
	status := &r.course.Status
	status.ObservedGeneration = r.course.Generation

	if r.id != uuid.Nil {
		status.CourseID = r.id.String()
	}

	if r.counts != nil {
		status.Slots = slotCounts(*r.counts)
	}

	return &status.Conditions
}
