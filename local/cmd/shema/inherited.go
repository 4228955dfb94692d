package main

import (
	"os"
	"strconv"
	"syscall"
)

// firstOther is the first file after input, output and errors.
const firstOther = 3

// keepInheritedFiles keeps the files that were open when this program was started from whatever it starts. The platform
// outlives "make up"; with a lock file of the caller's in its hands (flock lock make up) it would hold the lock until it
// is stopped.
func keepInheritedFiles() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // no such folder on this system: what is inherited is handed on
	}

	for _, entry := range entries {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd >= firstOther {
			syscall.CloseOnExec(fd)
		}
	}
}
