package supervise

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// birth identifies a process beyond its number: the boot it lives in and the
// clock tick at which it began. A zombie counts as gone.
func birth(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}

	// The command name may contain spaces and brackets, so fields are counted after its last bracket.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))

	const state, startTime = 0, 19
	if len(fields) <= startTime {
		return "", fmt.Errorf("unreadable /proc/%d/stat", pid)
	}

	if fields[state] == "Z" {
		return "", os.ErrProcessDone
	}

	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", err
	}

	return strings.TrimSpace(string(boot)) + "/" + fields[startTime], nil
}
