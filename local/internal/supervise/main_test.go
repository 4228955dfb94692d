package supervise

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"go.uber.org/goleak"

	"github.com/shema-music/shema/services/kit/clock"
)

// helperVariable makes the test program play a supervised program instead.
const helperVariable = "SUPERVISE_HELPER"

func TestMain(m *testing.M) {
	if role := os.Getenv(helperVariable); role != "" {
		os.Exit(play(role))
	}

	// What a supervisor has started must end with it: a waiter left behind would report a dead program for ever.
	goleak.VerifyTestMain(m)
}

// play is what the supervised programs of these tests do.
func play(role string) int {
	switch role {
	case "crash":
		fmt.Println("about to crash, because of a bad setting")
		return 3
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)

		child := exec.Command("/bin/sleep", "1000")
		if err := child.Start(); err != nil {
			return 1
		}

		fmt.Println("child", child.Process.Pid)
	case "supervisor":
		s := newSupervisor(os.Getenv("FOLDER"), func(Event) {})
		if err := s.Apply(context.Background(), []Spec{helper("inner", "serve")}); err != nil {
			return 1
		}

		fmt.Println("up")
	}

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}

	fmt.Println("listening on", listener.Addr())

	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM)
	<-stopped

	return 0
}

// helper describes a program that plays the role.
func helper(name, role string, needs ...string) Spec {
	return Spec{
		Name:       name,
		Needs:      needs,
		Command:    []string{os.Args[0]},
		StopWithin: time.Second,
		Env:        []string{helperVariable + "=" + role, "FOLDER=" + os.Getenv("FOLDER")},
	}
}

func newSupervisor(folder string, report func(Event)) *Supervisor {
	s, err := New(Options{
		Runs:   filepath.Join(folder, "run"),
		Logs:   filepath.Join(folder, "log"),
		Clock:  clock.System{},
		Report: report,
	})
	if err != nil {
		panic(err)
	}

	return s
}

// journal remembers what a supervisor reports, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) report(e Event) {
	j.mu.Lock()
	defer j.mu.Unlock()

	j.lines = append(j.lines, e.Name+" "+e.What)
}

func (j *journal) index(line string) int {
	j.mu.Lock()
	defer j.mu.Unlock()

	for i, l := range j.lines {
		if l == line {
			return i
		}
	}

	return -1
}

// supervised returns a supervisor that ends with the test.
func supervised(t *testing.T) (*Supervisor, *journal, string) {
	t.Helper()
	folder, j := t.TempDir(), &journal{}
	s := newSupervisor(folder, j.report)
	t.Cleanup(func() { NewWithT(t).Expect(s.Close()).To(Succeed()) })

	return s, j, folder
}

func pidOf(s *Supervisor, name string) int {
	for _, status := range s.Status() {
		if status.Name == name {
			return status.PID
		}
	}

	return 0
}

// exists tells whether a process runs, zombies excepted.
func exists(pid int) bool {
	_, err := birth(pid)
	return err == nil
}
