//go:build !linux

package supervise

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// birth identifies a process beyond its number by the second in which it began.
// A zombie counts as gone.
func birth(pid int) (string, error) {
	out, err := exec.CommandContext(context.Background(), "ps", "-o", "stat=,lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", err
	}
	state, started, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if started == "" || strings.HasPrefix(state, "Z") {
		return "", os.ErrProcessDone
	}
	return strings.TrimSpace(started), nil
}
