//go:build !linux

// Package portuse finds out which program holds a port, for error messages.
package portuse

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Who names the program that listens on the TCP port, as far as this user may
// know; "" otherwise.
func Who(port int) string {
	arguments := []string{"-nP", fmt.Sprintf("-iTCP:%d", port), "-sTCP:LISTEN", "-Fpc"}
	out, err := exec.CommandContext(context.Background(), "lsof", arguments...).Output()
	if err != nil {
		return ""
	}
	var process, name string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p"):
			process = line[1:]
		case strings.HasPrefix(line, "c"):
			name = line[1:]
		}
	}
	return fmt.Sprintf("%s (process %s)", name, process)
}
