package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/shema-music/shema/local/internal/control"
	"github.com/shema-music/shema/local/internal/supervise"
	"github.com/shema-music/shema/local/platform"
)

// recordName is under what the supervisor itself is recorded, and logs.
const recordName = "supervisor"

// supervisor runs in the background, started by ensureSupervisor.
func supervisor(ctx context.Context, _ []string) error {
	signal.Ignore(syscall.SIGHUP) // the terminal may close

	o, err := options()
	if err != nil {
		return err
	}

	l, err := platform.LayoutOf(o)
	if err != nil {
		return err
	}

	record, err := supervise.NewRecord(recordName, os.Getpid(), syscall.SIGTERM)
	if err != nil {
		return err
	}

	if err := record.Write(l.Run()); err != nil {
		return err
	}

	defer func() { _ = supervise.RemoveRecord(l.Run(), recordName) }()

	about, err := ourselves(o)
	if err != nil {
		return err
	}

	socket, err := control.SocketPath(l.Run())
	if err != nil {
		return err
	}

	return control.Serve(ctx, socket, about)
}

// ourselves identifies this program by its content.
func ourselves(o platform.Options) (control.About, error) {
	path, err := os.Executable()
	if err != nil {
		return control.About{}, fmt.Errorf("find this program: %w", err)
	}

	file, err := os.Open(path)
	if err != nil {
		return control.About{}, fmt.Errorf("read this program: %w", err)
	}

	defer func() { _ = file.Close() }()

	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return control.About{}, fmt.Errorf("read this program: %w", err)
	}

	return control.About{Build: hex.EncodeToString(sum.Sum(nil)), PortOffset: o.PortOffset}, nil
}

// ensureSupervisor returns a client of the background supervisor. One that runs
// other code, or on other ports, is replaced.
func ensureSupervisor(ctx context.Context, o platform.Options) (*control.Client, error) {
	l, err := platform.LayoutOf(o)
	if err != nil {
		return nil, err
	}

	socket, err := control.SocketPath(l.Run())
	if err != nil {
		return nil, err
	}

	want, err := ourselves(o)
	if err != nil {
		return nil, err
	}

	client := control.NewClient(socket)
	if about, err := client.About(ctx); err == nil && about == want {
		return client, nil
	}

	if err := stopSupervisor(ctx, l); err != nil {
		return nil, err
	}

	return client, startSupervisor(ctx, l, client)
}

// startSupervisor starts ourselves in a session of our own, so that neither the
// terminal nor the end of "make up" reaches it, and waits until it answers.
func startSupervisor(ctx context.Context, l platform.Layout, client *control.Client) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}

	log, offset, err := supervise.OpenLog(l.Logs(), recordName)
	if err != nil {
		return err
	}

	defer func() { _ = log.Close() }()

	cmd := exec.CommandContext(context.WithoutCancel(ctx), path, "supervise")
	cmd.Dir, cmd.Stdout, cmd.Stderr = l.Root, log, log

	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}

	keepInheritedFiles()

	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()

	for {
		if _, err := client.About(ctx); err == nil {
			return nil
		}

		select {
		case err := <-ended:
			return fmt.Errorf("the supervisor did not start: %w\n%s", err, supervise.LogTail(l.Logs(), recordName, offset))
		case <-ctx.Done():
			_ = cmd.Process.Kill()
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// stopSupervisor stops the platform and its supervisor, and, if the supervisor
// died without that, what it left behind.
func stopSupervisor(ctx context.Context, l platform.Layout) error {
	const patience = 60 * time.Second

	record, known := supervise.ReadRecord(l.Run(), recordName)
	if known && record.Alive() {
		socket, err := control.SocketPath(l.Run())
		if err != nil {
			return err
		}

		asked, cancel := context.WithTimeout(ctx, patience)
		failure := control.NewClient(socket).Stop(asked)

		cancel()

		if err := record.End(patience); err != nil {
			return errors.Join(failure, err)
		}
	}

	_, err := supervise.Reap(l.Programs())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}

	return err
}
