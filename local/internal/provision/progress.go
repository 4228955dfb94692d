package provision

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync/atomic"
	"time"

	"github.com/shema-music/shema/services/kit/clock"
)

// tellEvery is how often a long step shows that it is alive.
const tellEvery = 5 * time.Second

func (p *Provider) sayf(format string, arguments ...any) {
	_, _ = fmt.Fprintf(p.Progress, format+"\n", arguments...)
}

// watched runs a command whose output is shown only if it fails, and says every
// few seconds that it still runs.
func (p *Provider) watched(cmd *exec.Cmd, what string) error {
	var output bytes.Buffer

	cmd.Stdout, cmd.Stderr = &output, &output

	err := p.ticking(cmd, func(elapsed time.Duration) {
		p.sayf("  … %s: %s", what, elapsed)
	})
	if err != nil {
		return fmt.Errorf("%w\n%s", err, lastLines(output.String(), 20))
	}

	return nil
}

// Compile runs a "go build -v" and counts the packages that it names; a build
// that takes its time says every few seconds how far it is.
func (p *Provider) Compile(cmd *exec.Cmd, name string) error {
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer

	var (
		packages, modules atomic.Int64
		complaints        []string
	)

	counted := make(chan struct{})
	go func() {
		defer close(counted)

		for lines := bufio.NewScanner(reader); lines.Scan(); {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "go: downloading"):
				modules.Add(1)
			case strings.ContainsAny(line, " \t"):
				complaints = append(complaints, line)
			default:
				packages.Add(1)
			}
		}

		_, _ = io.Copy(io.Discard, reader)
	}()

	err := p.ticking(cmd, func(elapsed time.Duration) {
		p.sayf("  … %s: %s, %d modules fetched, %d packages compiled", name, elapsed, modules.Load(), packages.Load())
	})
	_ = writer.Close()

	<-counted

	if err != nil {
		return fmt.Errorf("build %s: %w\n%s", name, err, lastLines(strings.Join(complaints, "\n"), 20))
	}

	return nil
}

// ticking runs the command and calls tell every few seconds while it runs.
func (*Provider) ticking(cmd *exec.Cmd, tell func(elapsed time.Duration)) error {
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()

	began := clock.System{}.Now()
	for {
		select {
		case err := <-ended:
			return err
		case <-ticker.C:
			tell(clock.System{}.Now().Sub(began).Round(time.Second))
		}
	}
}

func lastLines(text string, count int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}
