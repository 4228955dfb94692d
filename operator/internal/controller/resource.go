package controller

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kwait "k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/kit/clock"
)

// storeTimeout bounds one visit to the database.
const storeTimeout = 5 * time.Second

// soon is the pace at which a resource is tried again that waits for the
// database or for its Course.
const soon = 3 * time.Second

// base is what the reconcilers of both kinds share.
type base struct {
	client   client.Client
	recorder events.EventRecorder
	store    *store.Store
	clock    clock.Clock
	resync   time.Duration
}

// run is one reconcile of one resource.
type run interface {
	// object is the resource.
	object() client.Object
	// steps are what has to be done, in order; the first error ends them.
	steps() []func(context.Context) error
	// done is the verdict when all steps succeeded.
	done() verdict
	// describe brings the status up to date and returns its conditions.
	describe(v verdict) *[]metav1.Condition
}

// reconcile runs the steps and reports what they came to.
func (b *base) reconcile(ctx context.Context, r run) (ctrl.Result, error) {
	leaving := !r.object().GetDeletionTimestamp().IsZero()
	if leaving && !controllerutil.ContainsFinalizer(r.object(), v1alpha1.Finalizer) {
		return ctrl.Result{}, nil // it never was in the catalogue, or is not any more
	}
	err := runSteps(ctx, r.steps())
	if errors.Is(err, store.ErrStale) {
		return ctrl.Result{RequeueAfter: b.pause(waitResync)}, nil
	}
	if leaving && err == nil {
		return ctrl.Result{}, nil
	}
	v, err := judge(err, r.done())
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	return ctrl.Result{RequeueAfter: b.pause(v.wait)}, client.IgnoreNotFound(b.report(ctx, r, v))
}

func runSteps(ctx context.Context, steps []func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// pause is the time until a resource is looked at again; zero is never. The
// jitter spreads the resources over time without ever exceeding the pace.
func (b *base) pause(w wait) time.Duration {
	const jitter = 0.5
	pace := map[wait]time.Duration{waitResync: b.resync, waitSoon: min(soon, b.resync)}[w]
	return kwait.Jitter(pace*2/3, jitter)
}

// report writes the status if it says something new, and tells about a new
// reason in an event and in the log.
func (b *base) report(ctx context.Context, r run, v verdict) error {
	counted(r.object(), v.reason)
	before := copied(r.object())
	list := r.describe(v)
	old := reasonOf(*list)
	for _, c := range conditions(v, r.object().GetGeneration()) {
		apimeta.SetStatusCondition(list, c)
	}
	if equality.Semantic.DeepEqual(before, r.object()) {
		return nil
	}
	if old != v.reason {
		b.tell(ctx, r.object(), v)
	}
	return b.client.Status().Patch(ctx, r.object(), client.MergeFrom(before))
}

func reasonOf(list []metav1.Condition) string {
	if ready := apimeta.FindStatusCondition(list, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

func (b *base) tell(ctx context.Context, object client.Object, v verdict) {
	log.FromContext(ctx).Info("the resource has a new state", "reason", v.reason, "message", v.message)
	kind := corev1.EventTypeWarning
	if v.ready() {
		kind = corev1.EventTypeNormal
	}
	b.recorder.Eventf(object, nil, kind, v.reason, "Reconcile", "%s", v.message)
}

// hold adds the finalizer, so that the resource cannot leave without being
// withdrawn from the catalogue. It comes before anything is written there.
func (b *base) hold(ctx context.Context, object client.Object) error {
	before := copied(object)
	if !controllerutil.AddFinalizer(object, v1alpha1.Finalizer) {
		return nil
	}
	return b.client.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// release removes the finalizer: the catalogue does not show the resource any
// more.
func (b *base) release(ctx context.Context, object client.Object) error {
	before := copied(object)
	controllerutil.RemoveFinalizer(object, v1alpha1.Finalizer)
	return b.client.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// corrected tells about drift that has been put back.
func (b *base) corrected(object client.Object, note string) {
	drift.WithLabelValues(kindOf(object)).Inc()
	b.recorder.Eventf(object, nil, corev1.EventTypeWarning, eventDriftCorrected, "Repair", "%s", note)
}

func copied(object client.Object) client.Object {
	return object.DeepCopyObject().(client.Object)
}
