package supervise

import (
	"os/exec"
	"runtime"
	"syscall"
)

// spawner starts programs so that they die with us, however we die. Linux ties
// that promise to the thread that starts the program, so one thread is kept for
// the purpose as long as the spawner lives.
type spawner struct {
	starts chan func()
}

func newSpawner() *spawner {
	s := &spawner{starts: make(chan func())}
	go func() {
		runtime.LockOSThread()

		for start := range s.starts {
			start()
		}
	}()

	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL

	result := make(chan error)
	s.starts <- func() { result <- cmd.Start() }

	return <-result
}

// close ends the thread, and with it whatever still runs.
func (s *spawner) close() { close(s.starts) }
