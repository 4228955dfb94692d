package load

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// shown is how long the gateway may take to show a change of the catalogue.
const shown = 10 * time.Second

// visit signs in, looks around with an open socket, says something and signs out, again and again until over ends.
func (l *Load) visit(ctx, over context.Context) {
	p := l.register(ctx)

	for p != nil && over.Err() == nil {
		p.leave()
		l.rest(over)

		if !p.signIn(ctx) {
			return
		}

		line := p.connect(ctx)

		if !p.look(ctx, "/api/courses", "/api/schedules/available?limit=50", "/api/users/me", "/api/bookings",
			"/api/users/me/notifications", "/api/lessons", "/api/chat/sessions") {
			return
		}

		l.rest(over)

		if line != nil {
			l.say(ctx, line, uuid.NewString(), "a visitor's question")
			_ = line.Leave()
		}
	}

	if p != nil {
		p.leave()
	}
}

// read looks at what admins look at, one list after the other, until over ends.
func (l *Load) read(ctx, over context.Context) {
	admin := l.signInAdmin(ctx)

	for admin != nil && over.Err() == nil {
		for _, path := range []string{
			"/api/admin/dashboard", "/api/bookings/pending", "/api/bookings?limit=50", "/api/schedules?limit=50",
			"/api/users?limit=50", "/api/users?q=person", "/api/admin/audit?limit=50", "/api/chat/sessions?limit=50",
			"/api/users/me/notifications?unread=true", "/api/admin/reports/bookings?by=day",
		} {
			if over.Err() != nil || !admin.look(ctx, path) {
				break
			}

			l.rest(over)
		}

		admin.insist(ctx, func() client.Answer { return admin.Post("/api/users/me/notifications/read-all", nil) })
	}
}

// look reads lists, and complains of one that is refused.
func (p *person) look(ctx context.Context, paths ...string) bool {
	for _, path := range paths {
		a, _, ok := p.insist(ctx, func() client.Answer { return p.Get(path) })
		if !ok {
			return false
		}

		if a.Status != http.StatusOK {
			p.load.memory.complainf("a list was refused: %s", a)
		}

		p.load.memory.read()
	}

	return true
}

// edit changes the title of a course and takes one of its slots away or gives it back, until over ends, and looks whether
// the gateway shows it.
func (l *Load) edit(ctx, over context.Context) {
	const slots = 6

	course, _, err := l.Lessons(ctx, slots)
	if err != nil {
		l.memory.complainf("no course to edit: %v", err)
		return
	}

	c := l.Newcomer()

	for round := 1; over.Err() == nil; round++ {
		title, count := fmt.Sprintf("Piano, edition %d", round), slots-round%2

		name, err := l.apply(ctx, c, course, title, count)
		if err != nil {
			l.memory.complainf("the course %s could not be edited: %v", course, err)
			return
		}

		if !l.shows(ctx, c, name, title, course, count) && ctx.Err() == nil {
			l.memory.complainf("the catalogue did not show %q with %d slots within %s", title, count, shown)
		}

		l.memory.edit()
		l.rest(over)
	}
}

// apply writes the resources of a course anew and returns their name.
func (l *Load) apply(ctx context.Context, c *client.Client, course, title string, count int) (string, error) {
	found, err := client.Decode[client.Course](c.Get("/api/courses/"+course), http.StatusOK)
	if err != nil {
		return "", err
	}

	err = catalogue.Edit(ctx, l.env.Catalogue, found.Name, &v1alpha1.Course{}, func(r *v1alpha1.Course) { r.Spec.Title = title })
	if err != nil {
		return "", err
	}

	return found.Name, catalogue.Edit(ctx, l.env.Catalogue, found.Name, &v1alpha1.Schedule{}, func(r *v1alpha1.Schedule) {
		r.Spec.Slots = catalogue.Schedule(found.Name, found.Name, catalogue.Start(), count).Spec.Slots
	})
}

// shows waits until a stranger sees a course as it was applied last.
func (l *Load) shows(ctx context.Context, c *client.Client, name, title, course string, count int) bool {
	ctx, cancel := context.WithTimeout(ctx, shown)
	defer cancel()

	for range ticks(ctx) {
		found, err := client.Decode[client.Course](c.Get("/api/courses/"+name), http.StatusOK)
		if err != nil || found.Title != title {
			continue
		}

		if slots, err := client.Available(c, course); err == nil && len(slots) == count {
			return true
		}
	}

	return false
}
