package e2e_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	api "github.com/shema-music/shema/test/internal/client"
)

// made are the courses that this run has made, by name: their ids, once known. Their schedules have the same names.
var made = map[string]string{}

// lessons is a course with slots that no other spec uses.
type lessons struct {
	api.Course

	Name  string
	Slots []api.Slot
}

// newName names a course that tidy removes in the end.
func newName(prefix string) string {
	name := resources.Name("e2e-" + prefix)
	made[name] = ""
	return name
}

// course applies a course with count slots and waits until the API shows all of them.
func course(count int, change ...func(*v1alpha1.CourseSpec)) lessons {
	GinkgoHelper()

	name := newName("kursus")
	Expect(resources.Create(context.Background(), catalogue.Course(name, append(change, disposable)...),
		catalogue.Schedule(name, name, catalogue.Start(), count))).To(Succeed())

	return visible(name, count)
}

// disposable lets the row go with the resource.
func disposable(spec *v1alpha1.CourseSpec) { spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete }

// visible waits until a course shows count available slots.
func visible(name string, count int) lessons {
	GinkgoHelper()

	l := lessons{Name: name}
	c := stranger()
	Eventually(func(g Gomega) {
		found, err := api.Decode[api.Course](c.Get("/api/courses/"+name), 200)
		g.Expect(err).NotTo(HaveOccurred())

		l.Course = found
		slots, err := api.Available(c, found.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(slots).To(HaveLen(count))

		l.Slots = slots
	}).WithTimeout(30 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())

	made[name] = l.ID

	return l
}

// shown reads the status of every slot of a course by its id.
func shown(course string) map[string]string {
	GinkgoHelper()

	all, err := api.Walk[api.Slot](admin().Client, "/api/schedules?limit=100&course_id="+course)
	Expect(err).NotTo(HaveOccurred())

	found := map[string]string{}
	for _, slot := range all {
		found[slot.ID] = slot.Status
	}

	return found
}

// tidy ends all bookings of the courses that were made, and removes these. People stay: nothing removes an account.
func tidy(ctx context.Context) {
	GinkgoHelper()
	sayf("removing the %d courses that were made", len(made))

	judge, courses := admin(), slices.Collect(maps.Values(made))
	for status, end := range map[string]func(id string) api.Answer{
		"pending":   func(id string) api.Answer { return judge.Reject(id, "") },
		"confirmed": func(id string) api.Answer { return judge.Revoke(id, "the end-to-end suite is over") },
	} {
		all, err := api.Walk[api.Booking](judge.Client, "/api/bookings?limit=100&status="+status)
		Expect(err).NotTo(HaveOccurred())

		for _, b := range all {
			if slices.Contains(courses, b.CourseID) {
				Expect(end(b.ID)).To(succeed(200))
			}
		}
	}

	for name := range made {
		meta := catalogue.Course(name).ObjectMeta
		Expect(errors.Join(
			client.IgnoreNotFound(resources.Delete(ctx, &v1alpha1.Schedule{ObjectMeta: meta})),
			client.IgnoreNotFound(resources.Delete(ctx, &v1alpha1.Course{ObjectMeta: meta})),
		)).To(Succeed())
	}

	eventually(func() []string { return left(ctx) }).Should(BeEmpty(), "the operator lets them go")
}

// left are those of the courses that were made that are still there.
func left(ctx context.Context) []string {
	var names []string
	for name := range made {
		key := client.ObjectKey{Namespace: catalogue.Namespace, Name: name}
		if err := resources.Get(ctx, key, &v1alpha1.Course{}); !apierrors.IsNotFound(err) {
			names = append(names, name)
		}
	}

	return names
}
