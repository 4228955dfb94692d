package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Follow makes the cluster a copy that follows the one at the superuser's URL, unless it exists.
func (c Cluster) Follow(ctx context.Context, owner Owner, leader string) error {
	if _, err := os.Stat(filepath.Join(c.Data, "PG_VERSION")); err == nil {
		if _, err := os.Stat(filepath.Join(c.Data, "standby.signal")); err != nil {
			return fmt.Errorf("the standby in %s was promoted once and follows no leader any more: delete the platform's folder", c.Data)
		}

		return c.forgetStalePID()
	}

	return c.fill(owner, func(folder string) error {
		return c.copyOf(ctx, owner, folder, leader)
	})
}

// copyOf takes a copy of the leader that knows whom it follows.
func (c Cluster) copyOf(ctx context.Context, owner Owner, folder, leader string) error {
	arguments := []string{"-D", folder, "-d", leader, "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream"}
	if c.Disposable {
		arguments = append(arguments, "--no-sync")
	}

	cmd := exec.CommandContext(ctx, filepath.Join(c.Bin, "pg_basebackup"), arguments...)
	cmd.Env, cmd.Dir = environment(), "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	owner.Attributes(cmd.SysProcAttr)

	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}

	return nil
}

// Promote makes a standby lead, and returns when it takes writes.
func (c Cluster) Promote(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the standby: %w", err)
	}

	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	promoted := false
	if err := conn.QueryRow(ctx, `SELECT pg_promote()`).Scan(&promoted); err != nil {
		return fmt.Errorf("promote the standby: %w", err)
	}

	if !promoted {
		return errors.New("the standby was not promoted within a minute")
	}

	return nil
}
