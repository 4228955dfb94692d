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

// tallyAtLeast bounds how old the counts get when the version of the catalogue
// does not tell about a change.
const tallyAtLeast = 4 * time.Second

// poller watches the database, which cannot be watched like the API server: it
// asks for the version of the catalogue, counts slots when something may have
// changed, and wakes the resources whose counts are new. When the database goes
// or comes back it wakes all of them.
type poller struct {
	store     *store.Store
	reader    client.Reader
	clock     clock.Clock
	every     time.Duration
	courses   chan event.GenericEvent
	schedules chan event.GenericEvent

	up       bool
	version  int64
	counted  time.Time
	earliest time.Time
	known    map[resource]store.Counts
}

// resource names a Course or a Schedule.
type resource struct{ kind, namespace, name string }

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
	p.note(ctx, err)
	for _, one := range changed {
		p.wake(ctx, one)
	}
}

// note wakes every resource when the database has gone or has come back.
func (p *poller) note(ctx context.Context, err error) {
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
	passed := !p.earliest.IsZero() && !now.Before(p.earliest)
	if version == p.version && !passed && now.Sub(p.counted).Abs() < tallyAtLeast {
		return nil, nil
	}
	tallies, earliest, err := p.store.Tallies(ctx, now)
	if err != nil {
		return nil, err
	}
	p.version, p.counted, p.earliest = version, now, earliest
	return p.compare(tallies), nil
}

// compare remembers the tallies and returns whose are new or gone.
func (p *poller) compare(tallies []store.Tally) []resource {
	fresh := make(map[resource]store.Counts, len(tallies))
	var changed []resource
	for _, t := range tallies {
		one := resource{t.Kind, t.Namespace, t.Name}
		fresh[one] = t.Counts
		if p.known[one] != t.Counts {
			changed = append(changed, one)
		}
	}
	for one := range p.known {
		if _, ok := fresh[one]; !ok {
			changed = append(changed, one)
		}
	}
	p.known = fresh
	return changed
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
	var courses v1alpha1.CourseList
	var schedules v1alpha1.ScheduleList
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
