package security_test

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// listener is a TCP socket that takes connections.
type listener struct {
	address string
	port    int
	inode   string
}

// listeners are all of this machine, out of the kernel's tables.
func listeners() []listener {
	GinkgoHelper()

	const local, state, inode, listening = 1, 3, 9, "0A"

	var all []listener
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		Expect(err).NotTo(HaveOccurred())

		for line := range strings.Lines(string(content)) {
			fields := strings.Fields(line)
			if len(fields) <= inode || fields[state] != listening {
				continue
			}

			address, port, _ := strings.Cut(fields[local], ":")
			number, err := strconv.ParseInt(port, 16, 32)
			Expect(err).NotTo(HaveOccurred())

			all = append(all, listener{address: address, port: int(number), inode: fields[inode]})
		}
	}

	return all
}

// loopback tells whether an address as the kernel writes it is this machine's own: 127.0.0.0/8, ::1, or the former written
// as the latter.
func loopback(address string) bool {
	raw, err := hex.DecodeString(address)
	Expect(err).NotTo(HaveOccurred())

	const v4 = 4
	if len(raw) == v4 {
		return raw[3] == 127
	}

	return address == "00000000000000000000000001000000" || strings.HasPrefix(address, "0000000000000000FFFF0000") && raw[15] == 127
}

// socketsOf are the inodes of the sockets that a process holds.
func socketsOf(pid int) []string {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))

	var all []string
	for _, file := range files {
		target, err := os.Readlink(file)
		if err == nil && strings.HasPrefix(target, "socket:[") {
			all = append(all, strings.Trim(target, "socket:[]"))
		}
	}

	return all
}

var _ = Describe("On the machine", func() {
	It("every program of the platform listens on the loopback alone, where it is expected", func() {
		all, checked := listeners(), 0

		for _, program := range platform.Status() {
			if program.PID == 0 {
				continue
			}

			held := socketsOf(program.PID)
			for _, l := range all {
				if !slices.Contains(held, l.inode) {
					continue
				}

				checked++

				Expect(loopback(l.address)).To(BeTrue(), "%s listens on %s:%d", program.Name, l.address, l.port)
				Expect(platform.Ports()).To(HaveKey(l.port), "%s listens on port %d", program.Name, l.port)
			}
		}

		Expect(checked).To(BeNumerically(">", 40), "listeners of eight programs of ours, seven sidecars and what they stand on")
	})

	It("what the platform keeps is its owner's alone", func() {
		seen := 0
		Expect(filepath.WalkDir(platform.Dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // files come and go while programs run
			}

			info, err := entry.Info()
			if err != nil {
				return nil
			}

			seen++

			switch mode := info.Mode(); {
			case mode&fs.ModeSymlink != 0:
			case mode&fs.ModeSocket != 0: // its folder protects it
			case strings.HasPrefix(path, filepath.Join(platform.Dir, "kubectl-cache")): // kubectl has rules of its own
			case entry.IsDir():
				Expect(mode.Perm()&0o077).To(BeZero(), "%s has mode %o", path, mode.Perm())
			case strings.HasPrefix(path, filepath.Join(platform.Dir, "bin")): // programs, which are no secret
			default:
				Expect(mode.Perm()&0o077).To(BeZero(), "%s has mode %o", path, mode.Perm())
			}

			return nil
		})).To(Succeed())
		Expect(seen).To(BeNumerically(">", 100))
	})

	It("no program shows a secret among its arguments", func() {
		secrets, err := platform.LeakFinder(platform.Shown.Known())
		Expect(err).NotTo(HaveOccurred())

		for _, program := range platform.Status() {
			if program.PID == 0 {
				continue
			}

			arguments, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", program.PID))
			Expect(err).NotTo(HaveOccurred())

			Expect(secrets.In(arguments)).To(BeEmpty(), program.Name)
		}
	})
})
