package cluster

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
)

// Forward is a local door to one port of a pod. A caller that comes in by it is, to the pod, one in its own network.
type Forward struct {
	// Address is host and port of the door.
	Address string

	stop context.CancelFunc
	done chan struct{}
}

var forwarding = regexp.MustCompile(`Forwarding from (127\.0\.0\.1:\d+) ->`)

// Forward opens a door to a port of target, such as pod/name or service/name.
func (c *Cluster) Forward(target string, port int) (*Forward, error) {
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, "kubectl", "--namespace", c.Namespace, "port-forward", "--address", "127.0.0.1",
		target, fmt.Sprintf(":%d", port))

	var complaints bytes.Buffer

	command.Stderr = &complaints

	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}

	if err != nil {
		stop()
		return nil, err
	}

	f := &Forward{stop: stop, done: make(chan struct{})}
	reader := bufio.NewReader(out)

	line, _ := reader.ReadString('\n')
	if match := forwarding.FindStringSubmatch(line); match != nil {
		f.Address = match[1]
	}

	go func() {
		defer close(f.done)

		_, _ = io.Copy(io.Discard, reader)
		_ = command.Wait()
	}()

	if f.Address == "" {
		f.Close()
		return nil, fmt.Errorf("kubectl port-forward %s %d: %s%s", target, port, line, complaints.String())
	}

	return f, nil
}

// Close shuts the door.
func (f *Forward) Close() {
	f.stop()
	<-f.done
}
