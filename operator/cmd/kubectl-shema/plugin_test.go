package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// TestPlugin walks through one story, because an API server is slow to start.
func TestPlugin(t *testing.T) {
	s := newSchool(t)
	s.namespace(t, "school")
	s.namespace(t, "branch")
	t.Run("nothing is there", func(*testing.T) {
		out, code := s.plugin("status", "-n", "school")
		s.Expect(out).To(Equal("There are no courses and no schedules in the namespace school.\n"))
		s.Expect(code).To(Equal(exitFine))
		out, code = s.plugin("diff", "-A", "--database-url", s.url)
		s.Expect(out).To(HavePrefix("0 resources compared"))
		s.Expect(code).To(Equal(exitFine))
	})

	t.Run("the operator does not run", func(t *testing.T) {
		s.create(t, course("school", "piano"), lessons("school", "mondays", "piano"))
		out, code := s.plugin("status", "-n", "school")
		s.Expect(out).To(MatchRegexp(`course/piano  NotSeen for .*: the operator has not looked at it; is it running`))
		s.Expect(code).To(Equal(exitProblem))
		out, code = s.plugin("diff", "-n", "school", "--database-url", s.url)
		s.Expect(out).To(And(ContainSubstring("course/piano\n  the row is missing\n"),
			ContainSubstring("schedule/mondays\n  the Course piano is not in the catalogue"), ContainSubstring("2 of 2 resources differ")))
		s.Expect(code).To(Equal(exitProblem))
	})

	stop := s.operate(t)
	t.Run("all is well", s.allIsWell)
	t.Run("some wait", s.someWait)
	stop()
	t.Run("rows were changed by hand", s.changedByHand)
	t.Run("kubectl finds it", s.throughKubectl)
}

func (s *school) allIsWell(t *testing.T) {
	status := func() int { _, code := s.plugin("status", "-A"); return code }
	s.Eventually(status).Should(Equal(exitFine))
	s.sql(t, `UPDATE course.schedules SET status = 'booked', booking_id = gen_random_uuid()
		WHERE resource_name = 'mondays' AND starts_at = '2027-01-04T09:00Z'`)

	table := func() string { out, _ := s.plugin("status", "-n", "school"); return squeezed(out) }
	s.Eventually(table).Should(Equal(strings.TrimSpace(`
NAME | WHAT | AVAILABLE | RESERVED | BOOKED | NEXT | READY
piano | Piano for beginners | 1 | 0 | 1 | Mon 2027-01-04 16:00 WIB | True
└─ mondays | 2 single lessons | 1 | 0 | 1 | Mon 2027-01-04 16:00 WIB | True

1 course (0 hidden), 1 schedule: 1 slots available, 0 reserved, 1 booked; everything is ready.`)))
	out, code := s.plugin("diff", "-n", "school", "--database-url", s.url)
	s.Expect(out).To(Equal("2 resources compared: the database shows what the resources ask for.\n"))
	s.Expect(code).To(Equal(exitFine))
}

// squeezed writes the columns of a table with one bar between them.
func squeezed(table string) string {
	return regexp.MustCompile(` {3,}`).ReplaceAllString(strings.TrimSpace(table), " | ")
}

func (s *school) someWait(t *testing.T) {
	hidden := func(c *v1alpha1.CourseSpec) { c.Published = new(false) }
	s.create(t, course("branch", "piano"), course("branch", "drum", hidden), lessons("branch", "lonely", "nowhere"))

	var mondays v1alpha1.Schedule
	s.Expect(s.api.Get(t.Context(), client.ObjectKey{Namespace: "school", Name: "mondays"}, &mondays)).To(Succeed())
	mondays.Spec.Slots = mondays.Spec.Slots[1:]
	s.Expect(s.api.Update(t.Context(), &mondays)).To(Succeed())
	s.Eventually(func() string { out, _ := s.plugin("status", "-A"); return squeezed(out) }).Should(And(
		ContainSubstring("branch | drum | Piano for beginners (hidden) | 0 | 0 | 0 | - | True\n"),
		ContainSubstring("branch | lonely | no course nowhere: 2 single lessons | 0 | 0 | 0 | - | CourseNotFound\n"),
		MatchRegexp(`\n  course/piano -n branch  NameConflict for .+: the name piano belongs to the Course school/piano`),
		MatchRegexp(`\n  schedule/lonely -n branch  CourseNotFound for .+: the Course branch/nowhere does not exist; apply it`),
		ContainSubstring("Ready, but the database differs:\n  schedule/mondays -n school  SlotsInUse: 1 future slots"),
		ContainSubstring("3 courses (1 hidden), 2 schedules: 1 slots available, 0 reserved, 1 booked; 2 not ready."),
	))

	_, code := s.plugin("status", "-n", "school")
	s.Expect(code).To(Equal(exitFine), "a slot that waits for its booking to end is no problem")
	out, code := s.plugin("diff", "-A", "--database-url", s.url)
	s.Expect(out).To(And(
		ContainSubstring("course/piano -n branch\n  the row of this name belongs to the Course school/piano with the uid "),
		ContainSubstring("slot Mon 2027-01-04 16:00 WIB: the Schedule does not ask for it; it stays until its booking has ended")))

	s.Expect(code).To(Equal(exitProblem))
}

func (s *school) changedByHand(t *testing.T) {
	s.sql(t, "UPDATE course.courses SET title = 'Hacked', teacher = 'Stranger' WHERE name = 'piano'")
	s.sql(t, "UPDATE course.schedules SET ends_at = ends_at + interval '30 minutes' WHERE status = 'available'")
	s.sql(t, `INSERT INTO course.courses (id, name, title, instrument, level, price_category, resource_namespace, resource_uid, resource_generation)
		VALUES (gen_random_uuid(), 'lost', 'Lost', 'lost', 'beginner', 'low', 'school', 'gone', 1)`)
	out, code := s.plugin("diff", "course/piano", "sched/mondays", "-n", "school", "--database-url", s.url)
	s.Expect(code).To(Equal(exitProblem))
	s.Expect(out).To(HavePrefix(strings.TrimSpace(`
course/piano
  spec.title
  - Hacked
  + Piano for beginners
  spec.teacher
  - Stranger
schedule/mondays
  slot Tue 2027-01-05 16:00 WIB: differs
    ends_at
    - 2027-01-05T10:30:00Z
    + 2027-01-05T10:00:00Z`)))
	out, _ = s.plugin("diff", "courses", "-n", "school", "--database-url", s.url)
	s.Expect(out).To(And(ContainSubstring("course/lost\n  1 row of a Course with the uid gone, which does not exist\n"), Not(ContainSubstring("schedule/"))))

	s.sql(t, "DELETE FROM course.schedules WHERE status = 'available'")
	out, _ = s.plugin("diff", "schedule", "mondays", "-n", "school", "--database-url", s.url)
	s.Expect(out).To(ContainSubstring("slot Tue 2027-01-05 16:00 WIB: the row is missing"))
	s.sql(t, "UPDATE course.schedules SET resource_generation = 99")
	out, _ = s.plugin("diff", "schedule", "mondays", "-n", "school", "--database-url", s.url)
	s.Expect(out).To(ContainSubstring("the rows come from a newer generation"))

	var piano v1alpha1.Course
	s.Expect(s.api.Get(t.Context(), client.ObjectKey{Namespace: "school", Name: "piano"}, &piano)).To(Succeed())
	s.Expect(s.api.Delete(t.Context(), &piano)).To(Succeed())
	out, _ = s.plugin("diff", "course", "piano", "-n", "school", "--database-url", s.url)
	s.Expect(out).To(HavePrefix("course/piano\n  it is being deleted, and its row is still there\n"))
}

func (s *school) throughKubectl(t *testing.T) {
	self, err := os.Executable()
	s.Expect(err).NotTo(HaveOccurred())

	dir := t.TempDir()
	s.Expect(os.Symlink(self, filepath.Join(dir, "kubectl-shema"))).To(Succeed())

	kubectl := func(arguments ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), s.kubectl, append([]string{"shema"}, arguments...)...)
		cmd.Env = append(os.Environ(), "PATH="+dir, "KUBECONFIG="+s.kubeconfig, "DATABASE_URL="+s.url)
		out, _ := cmd.CombinedOutput()

		return string(out), cmd.ProcessState.ExitCode()
	}

	out, code := kubectl("status", "-A")
	s.Expect(out).To(ContainSubstring("course/piano -n school  Deleting for "))
	s.Expect(code).To(Equal(exitProblem))
	out, code = kubectl("diff", "course/piano", "-n", "school")
	s.Expect(out).To(ContainSubstring("- Hacked"))
	s.Expect(code).To(Equal(exitProblem))
	out, code = kubectl("--help")
	s.Expect(out).To(And(ContainSubstring("kubectl shema [command]"), ContainSubstring("--kubeconfig"), ContainSubstring("--context")))
	s.Expect(code).To(Equal(exitFine))
}

func TestPlugin_Failures(t *testing.T) {
	t.Setenv("DATABASE_URL", "")

	empty := envtestless(t)
	for _, c := range []struct {
		reason    string
		arguments []string
		want      string
	}{
		{"no API server listens", []string{"status"}, "error: the API server cannot be reached; look at --context and --kubeconfig"},
		{"the context is misspelt", []string{"status", "--context", "kind-shena"}, "context was not found for specified context: kind-shena"},
		{"the time is no time", []string{"status", "--request-timeout", "soon"}, "--request-timeout must be a length of time such as 10s"},
		{"no database", []string{"diff"}, "name the database with --database-url or the variable DATABASE_URL"},
		{"a kind of another group", []string{"diff", "course.example.com/piano"}, "is no kind of the catalogue; it has course (crs) and schedule (sched)"},
		{"a name without kind", []string{"diff", "course/piano", "drum"}, `"drum" must be written KIND/NAME`},
		{"a kind twice", []string{"diff", "course", "course/piano"}, `"course/piano" names a kind again`},
		{"an argument too many", []string{"status", "piano"}, `unknown command "piano" for "kubectl shema status"`},
	} {
		out, code := empty.plugin(c.arguments...)
		empty.Expect(out).To(ContainSubstring(c.want), c.reason)
		empty.Expect(code).To(Equal(exitFailure), c.reason)
	}
}

// envtestless is a kubeconfig of a cluster that does not answer.
func envtestless(t *testing.T) *school {
	t.Helper()
	s := &school{WithT: NewWithT(t), kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	s.Expect(os.WriteFile(s.kubeconfig, []byte(`
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
contexts: [{name: c, context: {cluster: c}}]
current-context: c
`), 0o600)).To(Succeed())

	return s
}

func TestHealth_Sentence(t *testing.T) {
	g := NewWithT(t)
	h := health{reason: "NameConflict", message: "taken", since: now.Add(-90 * time.Minute)}
	g.Expect(h.sentence(now)).To(Equal("NameConflict for 90m: taken"))

	changed := course("school", "piano")
	changed.Generation = 3
	applied := []metav1.Condition{{
		Type:    "Ready",
		Status:  "True",
		Reason:  "Applied",
		Message: "it is there",
	}}
	h = healthOf(changed, applied, 2)
	g.Expect(h.word()).To(Equal("Outdated"), "a change that the operator has not seen is not in the catalogue")
	g.Expect(h.message).To(Equal("the operator has not looked at generation 3; generation 2 was Applied: it is there"))
}
