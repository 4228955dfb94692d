package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// lessons is a course with slots that no other part uses, by their ids.
type lessons struct {
	course string
	slots  []string
	took   time.Duration // from applied to visible
}

const slotsPerSchedule = 200

// course applies a course with count slots and waits until the gateway shows them.
func (b *bench) course(count int) (lessons, error) {
	name := b.Catalogue.Name("ukur")
	if err := b.Catalogue.Create(b.ctx, catalogue.Course(name)); err != nil {
		return lessons{}, err
	}

	for made := 0; made < count; made += slotsPerSchedule {
		schedule := catalogue.Schedule(fmt.Sprintf("%s-%d", name, made), name,
			catalogue.Start().Add(time.Duration(made)*time.Hour), min(slotsPerSchedule, count-made))
		if err := b.Catalogue.Create(b.ctx, schedule); err != nil {
			return lessons{}, err
		}
	}

	applied := time.Now()

	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()

	for ctx.Err() == nil {
		if l, ok := b.visible(name); ok && len(l.slots) == count {
			l.took = time.Since(applied)
			return l, nil
		}

		time.Sleep(5 * time.Millisecond)
	}

	return lessons{}, fmt.Errorf("course %s does not show its %d slots", name, count)
}

// visible reads what the gateway shows of a course now.
func (b *bench) visible(name string) (lessons, bool) {
	c := b.visitor()

	course, err := client.Decode[client.Course](c.Get("/api/courses/"+name), http.StatusOK)
	if err != nil {
		return lessons{}, false
	}

	slots, err := client.Available(c, course.ID)
	if err != nil {
		return lessons{}, false
	}

	l := lessons{course: course.ID}
	for _, slot := range slots {
		l.slots = append(l.slots, slot.ID)
	}

	return l, true
}

// apply measures how long a new course with a schedule takes until the gateway shows its slots.
func (b *bench) apply() error {
	const rounds = 12

	var took []time.Duration
	for range rounds {
		l, err := b.course(8)
		if err != nil {
			return err
		}

		took = append(took, l.took)
	}

	p50, worst := percentile(took, 0.5), percentile(took, 1)
	b.report.add("catalogue applied to visible", fmt.Sprintf("p50 %s, max %s", show(p50), show(worst)), fmt.Sprintf("of %d", rounds),
		metric{milliseconds(p50), "p50-ms"}, metric{milliseconds(worst), "max-ms"})

	return nil
}
