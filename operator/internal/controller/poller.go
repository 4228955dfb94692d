package controller

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/kit/clock"
)

// poller watches the database, which cannot be watched like the API server: it
// asks for the version of the catalogue, counts slots where something may have
// changed, and wakes the resources whose counts are new. When the database goes
// or comes back it wakes all of them.
type poller struct {
	store     *store.Store
	reader    client.Reader
	clock     clock.Clock
	every     time.Duration
	courses   chan event.GenericEvent
	schedules chan event.GenericEvent

	up    bool
	known countCache
}

// Start polls until the context ends.
func (p *poller) Start(ctx context.Context) error {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()

	p.up = true
	for {
		p.tick(ctx)

		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// NeedLeaderElection makes only the leader poll.
func (p *poller) NeedLeaderElection() bool { return true }

func (p *poller) tick(ctx context.Context) {
	changed, err := p.poll(ctx)
	if ctx.Err() != nil {
		return
	}

	p.noteHealth(ctx, err)

	for _, one := range changed {
		p.wake(ctx, one)
	}
}

// noteHealth wakes every resource when the database has gone or has come back.
func (p *poller) noteHealth(ctx context.Context, err error) {
	if up := err == nil; up != p.up {
		log.FromContext(ctx).Info("the database has a new state", "up", up, "cause", errors.Unwrap(err))
		p.up = up
		p.wakeAll(ctx)
	}

	databaseUp.Set(map[bool]float64{true: 1}[p.up])
}

// poll returns the resources whose counts have changed.
func (p *poller) poll(ctx context.Context) ([]resource, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()

	version, err := p.store.Version(ctx)
	if err != nil {
		return nil, err
	}

	now := p.clock.Now()
	if p.known.mustCountAll(version, now) {
		return p.countAll(ctx, version, now)
	}

	if !p.known.due(now, p.every) {
		return nil, nil // The version stays the old one, so that what has changed is counted then.
	}

	courses := p.known.passed(now)
	if version.Number != p.known.version.Number {
		written, withdrawing, err := p.store.ChangedCourses(ctx, p.known.version.At.Add(-longestTransaction))
		if err != nil {
			return nil, err
		}

		courses = append(append(courses, written...), p.known.withdrawing...)
		p.known.withdrawing = withdrawing
	}

	if len(courses) == 0 {
		p.known.version, p.known.seen = version, now
		return nil, nil
	}

	tallies, err := p.store.Tallies(ctx, now, courses)
	if err != nil {
		return nil, err
	}

	p.known.version, p.known.seen, p.known.looked = version, now, now

	return p.known.replace(courses, tallies), nil
}

func (p *poller) countAll(ctx context.Context, version store.Version, now time.Time) ([]resource, error) {
	tallies, err := p.store.Tallies(ctx, now, nil)
	if err != nil {
		return nil, err
	}

	_, withdrawing, err := p.store.ChangedCourses(ctx, version.At)
	if err != nil {
		return nil, err
	}

	p.known.version, p.known.seen, p.known.looked, p.known.counted = version, now, now, version.At
	p.known.withdrawing = withdrawing

	return p.known.replaceAll(tallies), nil
}

func (p *poller) wake(ctx context.Context, one resource) {
	meta := metav1.ObjectMeta{Namespace: one.namespace, Name: one.name}
	if one.kind == kindCourse {
		send(ctx, p.courses, &v1alpha1.Course{ObjectMeta: meta})
		return
	}

	send(ctx, p.schedules, &v1alpha1.Schedule{ObjectMeta: meta})
}

func (p *poller) wakeAll(ctx context.Context) {
	var (
		courses   v1alpha1.CourseList
		schedules v1alpha1.ScheduleList
	)
	for _, list := range []client.ObjectList{&courses, &schedules} {
		if err := p.reader.List(ctx, list); err != nil {
			log.FromContext(ctx).Error(err, "list the resources to wake them")
		}
	}

	for i := range courses.Items {
		send(ctx, p.courses, &courses.Items[i])
	}

	for i := range schedules.Items {
		send(ctx, p.schedules, &schedules.Items[i])
	}
}

func send(ctx context.Context, to chan<- event.GenericEvent, object client.Object) {
	select {
	case to <- event.GenericEvent{Object: object}:
	case <-ctx.Done():
	}
}
