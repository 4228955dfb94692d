package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/shema-music/shema/services/kit/postgres"
)

const (
	// awaitEvery is the pause between two attempts to reach an address, dialTimeout the longest that one takes.
	awaitEvery  = 250 * time.Millisecond
	dialTimeout = 2 * time.Second
)

// awaitMigrations waits until another process has migrated: where many start at once, one migrates.
func (p Program) awaitMigrations(ctx context.Context, _ []string, out io.Writer) error {
	url := p.common().DatabaseURL
	if url == "" {
		return errNoDatabase
	}

	return postgres.AwaitMigrations(ctx, url, p.Schema, p.Migrations, logTo(out))
}

// awaitStores waits until each argument, an address such as redis:6379, takes connections, and then, if the program has a
// database, until a process has migrated. In a cluster the network may let a new pod through some seconds after its start, and
// a sidecar that can't reach its stores by then ends. Of several addresses with commas between them one is enough.
func (p Program) awaitStores(ctx context.Context, addresses []string, out io.Writer) error {
	if len(addresses) == 0 {
		return errors.New("usage: await-stores <host:port>…")
	}

	for _, address := range addresses {
		if err := awaitAddress(ctx, address, logTo(out)); err != nil {
			return err
		}
	}

	if p.Migrations == nil {
		return nil
	}

	return p.awaitMigrations(ctx, nil, out)
}

func awaitAddress(ctx context.Context, address string, log *slog.Logger) error {
	said := ""
	for {
		err := dialAny(ctx, strings.Split(address, ","))
		if err == nil {
			return nil
		}

		if reason := err.Error(); reason != said {
			log.InfoContext(ctx, "waiting for a store", "address", address, "reason", reason)
			said = reason
		}

		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", address, err)
		case <-time.After(awaitEvery):
		}
	}
}

// dialAny succeeds with the first address that takes a connection.
func dialAny(ctx context.Context, addresses []string) error {
	var failures []error
	for _, address := range addresses {
		dialer := net.Dialer{Timeout: dialTimeout}

		conn, err := dialer.DialContext(ctx, "tcp", strings.TrimSpace(address))
		if err == nil {
			return conn.Close()
		}

		failures = append(failures, err)
	}

	return errors.Join(failures...)
}

func logTo(out io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(out, nil)) }
