package controller

import (
	"context"
	"errors"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/clock"
)

const (
	// indexName finds Courses by their name over all namespaces.
	indexName = "byName"
	// indexUID finds Courses by their uid.
	indexUID = "byUID"
	// indexCourse finds Schedules by the Course that they refer to.
	indexCourse = "byCourse"
	// workers is the number of resources of one kind that are looked at at once.
	workers = 4
	// backlog is how many wake-ups may wait before the poller waits too.
	backlog = 256
	// reporter names the operator in events.
	reporter = apps.Operator
)

// Options are what the controllers need.
type Options struct {
	Store *store.Store
	Clock clock.Clock
	// Resync is the longest time between two looks at a resource, and thereby
	// the longest that drift lasts.
	Resync time.Duration
	// Poll is the time between two looks at the version of the catalogue.
	Poll time.Duration
}

// Setup adds the controllers of both kinds and the poller to the manager.
func Setup(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}

	shared := base{
		client:   mgr.GetClient(),
		live:     mgr.GetAPIReader(),
		recorder: mgr.GetEventRecorder(reporter),
		store:    o.Store,
		clock:    o.Clock,
		resync:   o.Resync,
	}
	p := &poller{
		store:     o.Store,
		reader:    mgr.GetClient(),
		clock:     o.Clock,
		every:     o.Poll,
		courses:   make(chan event.GenericEvent, backlog),
		schedules: make(chan event.GenericEvent, backlog),
	}

	return errors.Join(setupCourses(mgr, shared, p.courses), setupSchedules(mgr, shared, p.schedules), mgr.Add(p))
}

func index(ctx context.Context, indexer client.FieldIndexer) error {
	byName := func(o client.Object) []string { return []string{o.GetName()} }
	byUID := func(o client.Object) []string { return []string{string(o.GetUID())} }
	byCourse := func(o client.Object) []string {
		return []string{o.(*v1alpha1.Schedule).Spec.CourseRef.Name}
	}

	return errors.Join(
		indexer.IndexField(ctx, &v1alpha1.Course{}, indexName, byName),
		indexer.IndexField(ctx, &v1alpha1.Course{}, indexUID, byUID),
		indexer.IndexField(ctx, &v1alpha1.Schedule{}, indexCourse, byCourse),
	)
}

func setupCourses(mgr ctrl.Manager, shared base, wakes <-chan event.GenericEvent) error {
	gone := predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
		DeleteFunc: func(event.DeleteEvent) bool { return true },
	}

	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Course{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.Course{}, handler.EnqueueRequestsFromMapFunc(sameName(mgr.GetClient())), builder.WithPredicates(gone)).
		WatchesRawSource(source.Channel(wakes, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(&courseReconciler{shared})
}

func setupSchedules(mgr ctrl.Manager, shared base, wakes <-chan event.GenericEvent) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&v1alpha1.Schedule{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&v1alpha1.Course{}, handler.EnqueueRequestsFromMapFunc(schedulesOf(mgr.GetClient())),
			builder.WithPredicates(predicate.Funcs{UpdateFunc: mattersToSchedules})).
		WatchesRawSource(source.Channel(wakes, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(&scheduleReconciler{shared})
}

// sameName finds the Courses that a name becomes free for.
func sameName(reader client.Reader) handler.MapFunc {
	return func(ctx context.Context, gone client.Object) []reconcile.Request {
		var same v1alpha1.CourseList
		if err := reader.List(ctx, &same, client.MatchingFields{indexName: gone.GetName()}); err != nil {
			return nil
		}

		requests := make([]reconcile.Request, len(same.Items))
		for i := range same.Items {
			requests[i].NamespacedName = client.ObjectKeyFromObject(&same.Items[i])
		}

		return requests
	}
}

// schedulesOf finds the Schedules of a Course.
func schedulesOf(reader client.Reader) handler.MapFunc {
	return func(ctx context.Context, course client.Object) []reconcile.Request {
		var schedules v1alpha1.ScheduleList

		err := reader.List(ctx, &schedules, client.InNamespace(course.GetNamespace()),
			client.MatchingFields{indexCourse: course.GetName()})
		if err != nil {
			return nil
		}

		requests := make([]reconcile.Request, len(schedules.Items))
		for i := range schedules.Items {
			requests[i].NamespacedName = client.ObjectKeyFromObject(&schedules.Items[i])
		}

		return requests
	}
}

// mattersToSchedules reports whether a Course has become able or unable to
// carry slots.
func mattersToSchedules(e event.UpdateEvent) bool {
	before, ok := e.ObjectOld.(*v1alpha1.Course)

	after, ok2 := e.ObjectNew.(*v1alpha1.Course)
	if !ok || !ok2 {
		return false
	}

	return before.Status.CourseID != after.Status.CourseID ||
		reasonOf(before.Status.Conditions) != reasonOf(after.Status.Conditions) ||
		before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero()
}
