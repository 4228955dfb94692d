package supervise

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestSupervisor_Apply_Order(t *testing.T) {
	g := NewWithT(t)
	j := &journal{}
	s := newSupervisor(t.TempDir(), j.report)
	task := Spec{Name: "task", Needs: []string{"base"}, Task: func(context.Context) error { return nil }}
	g.Expect(s.Apply(t.Context(), []Spec{helper("top", "serve", "task"), task, helper("base", "serve")})).To(Succeed())
	g.Expect(j.index("base ready")).To(BeNumerically("<", j.index("task starting")), "a task waits for what it needs")
	g.Expect(j.index("task done")).To(BeNumerically("<", j.index("top starting")), "a program waits for the task")

	top, base := pidOf(s, "top"), pidOf(s, "base")
	g.Expect(s.Close()).To(Succeed())
	g.Expect(j.index("top stopped")).To(BeNumerically("<", j.index("base stopped")), "who needs it ends first")
	g.Expect(exists(top) || exists(base)).To(BeFalse(), "nothing is left")
}

func TestSupervisor_Run_Crash(t *testing.T) {
	g := NewWithT(t)
	s, _, _ := supervised(t)
	g.Expect(s.Apply(t.Context(), []Spec{helper("a", "serve")})).To(Succeed())

	before := pidOf(s, "a")
	g.Expect(s.Kill(t.Context(), "a")).To(Succeed())
	g.Expect(exists(before)).To(BeFalse())
	g.Expect(s.AwaitReady(t.Context(), "a")).To(Succeed())
	g.Expect(pidOf(s, "a")).NotTo(Equal(before))
	g.Expect(s.Status()[0].Restarts).To(Equal(1))
}

func TestSupervisor_Stop_StaysDown(t *testing.T) {
	g := NewWithT(t)
	s, _, _ := supervised(t)
	g.Expect(s.Apply(t.Context(), []Spec{helper("a", "serve")})).To(Succeed())
	g.Expect(s.Stop("a")).To(Succeed())
	g.Expect(s.Status()[0].State).To(Equal(Stopped))
	g.Consistently(func() int { return pidOf(s, "a") }, "300ms").Should(BeZero())
	g.Expect(s.Kill(t.Context(), "a")).To(MatchError(ContainSubstring("has not been started")))
	g.Expect(s.Start(t.Context(), "a")).To(Succeed())
	g.Expect(exists(pidOf(s, "a"))).To(BeTrue())
}

// What is lost gets no time to end by itself, and doesn't come back.
func TestSupervisor_Lose_StaysDown(t *testing.T) {
	g := NewWithT(t)
	s, _, _ := supervised(t)
	mule := helper("mule", "stubborn")
	mule.StopWithin = time.Minute
	g.Expect(s.Apply(t.Context(), []Spec{mule})).To(Succeed())

	before, began := pidOf(s, "mule"), time.Now()
	g.Expect(s.Lose("mule")).To(Succeed())
	g.Expect(exists(before)).To(BeFalse())
	g.Expect(time.Since(began)).To(BeNumerically("<", mule.StopWithin), "it was not asked to end")
	g.Consistently(func() int { return pidOf(s, "mule") }, "300ms").Should(BeZero())
	g.Expect(s.Lose("mule")).To(MatchError(ContainSubstring("has not been started")))
	g.Expect(s.Start(t.Context(), "mule")).To(Succeed())
	g.Expect(exists(pidOf(s, "mule"))).To(BeTrue())
}

func TestSupervisor_Apply_FailureHasLastWords(t *testing.T) {
	g := NewWithT(t)
	s, _, _ := supervised(t)
	bad := helper("bad", "crash")
	bad.Ready = []Probe{func(context.Context) error { return errors.New("not yet") }}
	err := s.Apply(t.Context(), []Spec{bad, helper("after", "serve", "bad")})

	var failure *StartError
	g.Expect(errors.As(err, &failure)).To(BeTrue())
	g.Expect(failure.Name).To(Equal("bad"))
	g.Expect(err.Error()).To(And(ContainSubstring("keeps crashing"), ContainSubstring("exit status 3"),
		ContainSubstring("because of a bad setting")))
	g.Expect(pidOf(s, "after")).To(BeZero(), "what needs it was not started")
}

func TestSupervisor_Apply_SlowProgram(t *testing.T) {
	g := NewWithT(t)
	s, _, _ := supervised(t)
	slow := helper("slow", "serve")
	slow.StartWithin = 200 * time.Millisecond
	slow.Ready = []Probe{func(context.Context) error { return errors.New("the moon is not full") }}
	err := s.Apply(t.Context(), []Spec{slow})
	g.Expect(err).To(MatchError(And(ContainSubstring("not ready within"), ContainSubstring("the moon is not full"))))
}

func TestSupervisor_Stop_StubbornProgram(t *testing.T) {
	g := NewWithT(t)
	s, _, folder := supervised(t)
	g.Expect(s.Apply(t.Context(), []Spec{helper("mule", "stubborn")})).To(Succeed())

	var child int
	g.Eventually(func() error {
		words := strings.Fields(LogTail(filepath.Join(folder, "log"), "mule", 0))
		if len(words) < 2 {
			return errors.New("no child yet")
		}

		var err error

		child, err = strconv.Atoi(words[1])

		return err
	}).Should(Succeed())

	pid := pidOf(s, "mule")
	g.Expect(s.Stop("mule")).To(Succeed())
	g.Expect(exists(pid)).To(BeFalse())
	g.Eventually(func() bool { return exists(child) }).Should(BeFalse())
}

func TestSupervisor_Apply_RestartsChanged(t *testing.T) {
	g := NewWithT(t)
	s, _, folder := supervised(t)
	setting := filepath.Join(folder, "setting")
	g.Expect(os.WriteFile(setting, []byte("1"), 0o600)).To(Succeed())

	a, b, c := helper("a", "serve"), helper("b", "serve"), helper("c", "serve")
	b.Watch = []string{setting}
	g.Expect(s.Apply(t.Context(), []Spec{a, b, c})).To(Succeed())

	pidA, pidB, pidC := pidOf(s, "a"), pidOf(s, "b"), pidOf(s, "c")

	g.Expect(os.WriteFile(setting, []byte("12"), 0o600)).To(Succeed())
	g.Expect(s.Apply(t.Context(), []Spec{a, b})).To(Succeed())
	g.Expect(pidOf(s, "a")).To(Equal(pidA), "unchanged programs keep running")
	g.Expect(pidOf(s, "b")).NotTo(Equal(pidB), "a changed file restarts its program")
	g.Expect(exists(pidC)).To(BeFalse(), "what is no longer in the set is stopped")
}

func TestSupervisor_Apply_ImpossibleSets(t *testing.T) {
	for name, tc := range map[string]struct {
		reason string
		specs  []Spec
		want   string
	}{
		"circle": {
			"two that wait for each other never start",
			[]Spec{helper("a", "serve", "b"), helper("b", "serve", "a")}, "circle: a → b → a",
		},
		"unknown": {"a need that no part meets", []Spec{helper("a", "serve", "ghost")}, `a needs "ghost"`},
		"twice":   {"names are keys", []Spec{helper("a", "serve"), helper("a", "serve")}, `two parts are called "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, _ := supervised(t)
			NewWithT(t).Expect(s.Apply(t.Context(), tc.specs)).To(MatchError(ContainSubstring(tc.want)), tc.reason)
		})
	}
}

func TestReap_Leftovers(t *testing.T) {
	g := NewWithT(t)
	folder := t.TempDir()
	leftover, bystander := sleeper(t), sleeper(t)
	record, err := NewRecord("leftover", leftover, syscall.SIGTERM)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(record.Write(folder)).To(Succeed())

	stale := Record{
		Name:       "stale",
		PID:        bystander,
		Birth:      "another boot/1",
		StopSignal: syscall.SIGTERM,
	}
	g.Expect(stale.Write(folder)).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(folder, "broken.json"), []byte("{"), 0o600)).To(Succeed())

	g.Expect(Reap(folder)).To(ConsistOf("leftover"))
	g.Expect(record.Alive()).To(BeFalse())
	g.Expect(exists(bystander)).To(BeTrue(), "the number was given to another program")
	g.Expect(filepath.Glob(filepath.Join(folder, "*"))).To(BeEmpty())
}

// sleeper starts an unsupervised program, as a process group of its own.
func sleeper(t *testing.T) int {
	t.Helper()

	cmd := exec.Command("/bin/sleep", "1000")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

	NewWithT(t).Expect(cmd.Start()).To(Succeed())
	go func() { _ = cmd.Wait() }()

	t.Cleanup(func() { _ = cmd.Process.Kill() })

	return cmd.Process.Pid
}
