package controller

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kwait "k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

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
	client client.Client
	// live reads from the API server itself, where the client's answer may be late.
	live     client.Reader
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
	// success is the outcome when all steps succeeded.
	success() outcome
	// describe brings the status up to date and returns its conditions.
	describe(o outcome) *[]metav1.Condition
}

// reconcile runs the steps and reports what they came to.
func (b *base) reconcile(ctx context.Context, r run) (ctrl.Result, error) {
	leaving := !r.object().GetDeletionTimestamp().IsZero()
	if leaving && !controllerutil.ContainsFinalizer(r.object(), v1alpha1.Finalizer) {
		return ctrl.Result{}, nil // it never was in the catalogue, or is not any more
	}

	err := runSteps(ctx, r.steps())
	if stale := new(store.StaleError); errors.As(err, &stale) {
		return ctrl.Result{RequeueAfter: b.pause(waitSoon)}, nil // the cache is late
	}

	if leaving && err == nil {
		return ctrl.Result{}, nil
	}

	o, err := computeOutcome(err, r.success())
	if err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	return ctrl.Result{RequeueAfter: b.pause(o.wait)}, client.IgnoreNotFound(b.report(ctx, r, o))
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

// addFinalizer makes sure that the resource cannot leave without being withdrawn from
// the catalogue. It comes before anything is written there.
func (b *base) addFinalizer(ctx context.Context, object client.Object) error {
	before := copied(object)
	if !controllerutil.AddFinalizer(object, v1alpha1.Finalizer) {
		return nil
	}

	return b.client.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// removeFinalizer lets the resource go: the catalogue does not show it any more.
func (b *base) removeFinalizer(ctx context.Context, object client.Object) error {
	before := copied(object)
	controllerutil.RemoveFinalizer(object, v1alpha1.Finalizer)
	return b.client.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

func copied(object client.Object) client.Object {
	return object.DeepCopyObject().(client.Object)
}
