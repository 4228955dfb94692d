// Package portuse finds out which program holds a port, for error messages.
package portuse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Who names the program that listens on the TCP port, as far as this user may
// know; "" otherwise.
func Who(port int) string {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err != nil {
			continue
		}

		if inode := listener(string(data), port); inode != "" {
			return holder("socket:[" + inode + "]")
		}
	}

	return ""
}

// listener returns the inode of the socket that listens on the port, out of the
// kernel's table.
func listener(table string, port int) string {
	const local, state, inode, listening = 1, 3, 9, "0A"

	suffix := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) > inode && fields[state] == listening && strings.HasSuffix(fields[local], suffix) {
			return fields[inode]
		}
	}

	return ""
}

func holder(socket string) string {
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if target, err := os.Readlink(file); err != nil || target != socket {
			continue
		}

		process := filepath.Dir(filepath.Dir(file))
		name, _ := os.ReadFile(filepath.Join(process, "comm"))

		return fmt.Sprintf("%s (process %s)", bytes.TrimSpace(name), filepath.Base(process))
	}

	return ""
}
