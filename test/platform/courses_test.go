package platform_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// lessons is a course with slots that no other spec uses.
type lessons struct {
	client.Course

	Name  string
	Slots []client.Slot
}

// pair returns the ids of two slots.
func (l lessons) pair(i, j int) (first, second string) { return l.Slots[i].ID, l.Slots[j].ID }

// course applies a course with count slots and waits until the API shows all of them.
func course(count int) lessons {
	GinkgoHelper()

	name := platform.Catalogue.Name("kursus")
	Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name),
		catalogue.Schedule(name, name, catalogue.Start(), count))).To(Succeed())

	return visible(name, count)
}

// visible waits until a course shows count available slots.
func visible(name string, count int) lessons {
	GinkgoHelper()

	l := lessons{Name: name}
	c := stranger()
	Eventually(func(g Gomega) {
		found, err := client.Decode[client.Course](c.Get("/api/courses/"+name), 200)
		g.Expect(err).NotTo(HaveOccurred())

		l.Course = found
		l.Slots = nil
		slots, err := client.Available(c, found.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(slots).To(HaveLen(count))

		l.Slots = slots
	}).WithTimeout(5 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())

	return l
}

// statuses reads the status of slots as the database has it, in their order.
func statuses(slots ...string) []string {
	GinkgoHelper()

	found := make([]string, len(slots))
	for i, slot := range slots {
		row := platform.DB.QueryRow(context.Background(), `SELECT status FROM course.schedules WHERE id = $1`, slot)
		Expect(row.Scan(&found[i])).To(Succeed())
	}

	return found
}

// shown reads the status of slots as the API shows it to an admin.
func shown(course string, slots ...string) []string {
	GinkgoHelper()

	all, err := client.Walk[client.Slot](admin().Client, "/api/schedules?limit=100&course_id="+course)
	Expect(err).NotTo(HaveOccurred())

	byID := map[string]string{}
	for _, slot := range all {
		byID[slot.ID] = slot.Status
	}

	found := make([]string, len(slots))
	for i, slot := range slots {
		found[i] = byID[slot]
	}

	return found
}

// booked makes a pending booking of the slots i and j.
func booked(p *client.Person, l lessons, i, j int) client.Booking {
	GinkgoHelper()

	first, second := l.pair(i, j)

	return read[client.Booking](p.Book(l.ID, first, second), 201)
}
