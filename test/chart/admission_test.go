package chart_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

// course is a Course that the operator keeps.
func course(name string) string {
	return `
apiVersion: catalog.shema.music/v1alpha1
kind: Course
metadata: {name: ` + name + `, namespace: shema, finalizers: [catalog.shema.music/catalogue]}
spec: {title: Piano, instrument: piano, level: beginner, priceCategory: low, availableDays: [monday]}
`
}

// schedule is a Schedule of which the rest of the spec is given.
func schedule(rest string) string {
	return `
apiVersion: catalog.shema.music/v1alpha1
kind: Schedule
metadata: {name: lessons, namespace: shema}
spec:
  courseRef: {name: piano}
` + rest
}

// installed applies what of the chart concerns admins, for good.
func installed(t *testing.T) *WithT {
	t.Helper()
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)
	g.Expect(kubectl(t, namespace, "apply", "--server-side", "-f", "-")).NotTo(BeEmpty())

	for _, file := range []string{"rbac", "adminroles", "admission"} {
		manifests := rendered(t, "plain", "--show-only", "templates/"+file+".yaml")
		out, err := kubectl(t, manifests, "apply", "--server-side", "-f", "-")
		g.Expect(err).NotTo(HaveOccurred(), out)
	}

	return g
}

func TestNotes_Advice(t *testing.T) {
	g := installed(t)
	tried := func(manifest string) func() string {
		return func() string {
			out, _ := kubectl(t, manifest, "create", "--dry-run=server", "-f", "-")
			return out
		}
	}

	const over = "Warning: Validation failed for ValidatingAdmissionPolicy 'shema-catalogue-advice' with binding 'shema-catalogue-advice': "
	g.Eventually(tried(schedule(`  slots: [{start: "2024-01-08T16:00", duration: 1h}]`))).Should(And(
		ContainSubstring(over+"spec.slots: all of them are over, so there is nothing to book; look at the year"),
		ContainSubstring("created (server dry run)"), // what comes back from a backup is taken
	))

	rule := "  recurrence: {rrule: FREQ=DAILY, startDate: 2024-01-01, startTime: \"16:00\", duration: 1h, until: 2024-06-30}"
	g.Expect(tried(schedule(rule))()).To(And(ContainSubstring(over+"spec.recurrence.until: the rule is over"), ContainSubstring("created")))

	for reason, rest := range map[string]string{
		"one of them is to come":       `  slots: [{start: "2024-01-08T16:00", duration: 1h}, {start: "2099-01-08T16:00", duration: 1h}]`,
		"a rule without end":           "  recurrence: {rrule: FREQ=DAILY, startDate: 2024-01-01, startTime: \"16:00\", duration: 1h}",
		"a rule makes up for old ones": "  slots: [{start: \"2024-01-08T16:00\", duration: 1h}]\n  recurrence: {rrule: FREQ=DAILY, startDate: 2024-01-01, startTime: \"16:00\", duration: 1h}",
	} {
		g.Expect(tried(schedule(rest))()).To(Equal("schedule.catalog.shema.music/lessons created (server dry run)\n"), reason)
	}

	g.Expect(kubectl(t, course("held"), "apply", "--server-side", "-f", "-")).NotTo(BeEmpty())

	t.Cleanup(func() {
		_, _ = kubectl(t, "", "patch", "course", "held", "-n", "shema", "--type=merge", "-p", `{"metadata":{"finalizers":[]}}`)
		_, _ = kubectl(t, "", "delete", "course", "held", "-n", "shema", "--ignore-not-found")
	})
	g.Expect(kubectl(t, "", "delete", "course", "held", "-n", "shema", "--dry-run=server")).NotTo(ContainSubstring("Warning"))

	status := `{"status":{"slots":{"available":3,"reserved":2,"booked":1}}}`
	g.Expect(kubectl(t, "", "patch", "course", "held", "-n", "shema", "--subresource=status", "--type=merge", "-p", status)).NotTo(BeEmpty())
	g.Expect(kubectl(t, "", "delete", "course", "held", "-n", "shema", "--dry-run=server")).To(And(
		ContainSubstring("bookings hold 3 future slots; the deletion waits until they have ended, and then goes on by itself"),
		ContainSubstring("deleted")))
}

func TestChart_AdminRoles(t *testing.T) {
	g := installed(t)
	for _, role := range []string{"view", "edit", "admin"} {
		labels, err := kubectl(t, "", "get", "clusterrole", "shema-catalogue-"+role, "-o", "jsonpath={.metadata.labels}")
		g.Expect(err).NotTo(HaveOccurred(), labels)
		g.Expect(labels).To(ContainSubstring("aggregate-to-" + role))

		out, err := kubectl(t, "", "create", "rolebinding", role, "-n", "shema", "--clusterrole=shema-catalogue-"+role, "--user="+role)
		g.Expect(err).NotTo(HaveOccurred(), out)
	}

	may := func(who, verb, what string, part ...string) string {
		arguments := []string{"auth", "can-i", verb, what, "-n", "shema", "--as", who}
		out, _ := kubectl(t, "", append(arguments, part...)...)
		return out
	}
	for _, what := range []string{"courses.catalog.shema.music", "schedules.catalog.shema.music"} {
		g.Eventually(func() string { return may("view", "list", what) }).Should(Equal("yes\n"))
		g.Expect(may("view", "get", what, "--subresource=status")).To(Equal("yes\n"))
		g.Expect(may("view", "create", what)).To(Equal("no\n"))
		g.Eventually(func() string { return may("edit", "delete", what) }).Should(Equal("yes\n"))
		g.Expect(may("edit", "deletecollection", what)).To(Equal("no\n"))
		g.Eventually(func() string { return may("admin", "deletecollection", what) }).Should(Equal("yes\n"))
		g.Expect(may("admin", "update", what, "--subresource=status")).To(Equal("no\n"))
		g.Expect(may("admin", "update", what, "--subresource=finalizers")).To(Equal("no\n"))
	}

	g.Expect(kubectl(t, course("guarded"), "apply", "--server-side", "-f", "-")).NotTo(BeEmpty())

	patch := func(who, patch string) string {
		out, _ := kubectl(t, "", "patch", "course", "guarded", "-n", "shema", "--as", who, "--type=merge", "-p", patch)
		return out
	}

	const bare = `{"metadata":{"finalizers":[]}}`

	g.Eventually(func() string { return patch("admin", `{"spec":{"title":"New"}}`) }).Should(ContainSubstring("patched"))
	g.Expect(patch("admin", bare)).To(ContainSubstring("the finalizer catalog.shema.music/catalogue goes by itself when the catalogue does not show"))

	const operator = "system:serviceaccount:shema:catalog-operator"
	g.Expect(patch(operator, bare)).To(Equal("course.catalog.shema.music/guarded patched\n"), "whose work it is")
	g.Expect(patch("admin", `{"metadata":{"finalizers":["catalog.shema.music/catalogue"]}}`)).To(ContainSubstring("patched"))

	out, err := kubectl(t, "", "patch", "course", "guarded", "-n", "shema", "--type=merge", "-p", bare)
	g.Expect(err).NotTo(HaveOccurred(), "the cluster's administrators can help themselves: "+out)
}
