package controller_test

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// kubectl runs the real kubectl as an administrator.
func kubectl(arguments ...string) string {
	GinkgoHelper()

	user, err := apiServer.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	Expect(err).NotTo(HaveOccurred())
	ctl, err := user.Kubectl()
	Expect(err).NotTo(HaveOccurred())

	out, errs, err := ctl.Run(arguments...)
	if err != nil {
		message, _ := io.ReadAll(errs)
		Fail(string(message))
	}

	text, err := io.ReadAll(out)
	Expect(err).NotTo(HaveOccurred())

	return string(text)
}

// cells splits a table of kubectl at two spaces or more.
func cells(table string) [][]string {
	var rows [][]string
	for line := range strings.Lines(table) {
		rows = append(rows, regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(line), -1))
	}

	return rows
}

// manifests reads YAML documents as Courses and Schedules in a namespace.
func manifests(ns, text string) []client.Object {
	GinkgoHelper()

	var objects []client.Object
	for document := range strings.SplitSeq(text, "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}

		var object client.Object = &v1alpha1.Schedule{}
		if strings.Contains(document, "kind: Course\n") {
			object = &v1alpha1.Course{}
		}

		Expect(yaml.UnmarshalStrict([]byte(document), object)).To(Succeed(), document)
		object.SetNamespace(ns)
		objects = append(objects, object)
	}

	return objects
}

func readFiles(pattern string) string {
	GinkgoHelper()

	names, err := filepath.Glob(filepath.Join("..", "..", "..", pattern))
	Expect(err).NotTo(HaveOccurred())
	Expect(names).NotTo(BeEmpty())

	var texts []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		Expect(err).NotTo(HaveOccurred())

		texts = append(texts, string(text))
	}

	return strings.Join(texts, "\n---\n")
}

var _ = Describe("kubectl", func() {
	It("shows the columns of the contract", func(ctx SpecContext) {
		ns := namespace(ctx)
		c := course(ns, unique("piano"))
		s := schedule(ns, "lessons", c.Name, oneOffs("2027-02-01T10:00", "2027-02-02T10:00"))
		create(ctx, c)
		create(ctx, s)
		Eventually(current(s)).WithContext(ctx).Should(beReady())
		rows, err := slots(s)(ctx)
		Expect(err).NotTo(HaveOccurred())
		book(ctx, rows[0].ID, "booked")
		Eventually(current(s)).WithContext(ctx).Should(count(1, 0, 1))
		Eventually(current(c)).WithContext(ctx).Should(count(1, 0, 1))

		courses := cells(kubectl("get", "courses", "-n", ns))
		Expect(courses[0]).To(Equal([]string{"NAME", "TITLE", "INSTRUMENT", "LEVEL", "AVAILABLE", "READY", "AGE"}))
		Expect(courses[1][:6]).To(Equal([]string{c.Name, "Piano for beginners", "piano", "beginner", "1", "True"}))

		schedules := cells(kubectl("get", "sched", "-n", ns))
		Expect(schedules[0]).To(Equal([]string{"NAME", "COURSE", "SLOTS", "AVAILABLE", "BOOKED", "NEXT", "READY", "AGE"}))
		Expect(schedules[1][:7]).To(Equal([]string{"lessons", c.Name, "2", "1", "1", "2027-02-01T03:00:00Z", "True"}))
		Expect(kubectl("get", "shema", "-n", ns)).To(And(ContainSubstring("course.catalog.shema.music/"+c.Name), ContainSubstring("schedule.catalog.shema.music/lessons")))
		Expect(kubectl("get", "crs", "-n", ns, "-o", "name")).To(ContainSubstring(c.Name))
	})

	It("waits for the condition Ready of both kinds", func(ctx SpecContext) {
		ns := namespace(ctx)
		c := course(ns, unique("piano"))
		create(ctx, schedule(ns, "lessons", c.Name, oneOffs("2027-02-01T10:00")))
		create(ctx, c)
		Expect(kubectl("wait", "--for=condition=Ready", "--timeout=20s", "-n", ns, "course/"+c.Name, "schedule/lessons")).
			To(ContainSubstring("schedule.catalog.shema.music/lessons condition met"))
	})

	It("explains every field in whole sentences", func() {
		for _, kind := range []string{"courses", "schedules"} {
			for _, part := range []string{"spec", "status"} {
				text := kubectl("explain", kind+"."+part, "--recursive=false")
				Expect(text).NotTo(ContainSubstring("<no description>"), kind)
			}
		}

		Expect(kubectl("explain", "course")).To(ContainSubstring("Course is something that students can learn at the school"))
		Expect(kubectl("explain", "schedule.spec.recurrence.horizonWeeks")).To(ContainSubstring("how many weeks ahead"))
		Expect(kubectl("explain", "schedule.spec.slots.start")).To(ContainSubstring("one that occurs twice means the first"))
	})
})
