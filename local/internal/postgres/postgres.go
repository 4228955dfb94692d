// Package postgres makes and runs PostgreSQL clusters as plain processes,
// reachable on one loopback port and by no socket file.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/shema-music/shema/local/internal/supervise"
)

// Superuser is the role that owns a cluster.
const Superuser = "postgres"

// Cluster is one data folder with the settings under which it runs.
type Cluster struct {
	// Bin is the folder of the programs, Data that of the cluster.
	Bin  string
	Data string
	Port int
	// Password protects the superuser; without one every user of the machine is let in.
	Password string
	// Connections is how many there may be at once; zero means as many as PostgreSQL allows by itself.
	Connections int
	// Disposable gives up safety against a crash of the machine for speed.
	Disposable bool
	// Settings are more settings of the server, over ours.
	Settings map[string]string
}

// URL returns how the superuser reaches the database.
func (c Cluster) URL(database string) string { return c.RoleURL(Superuser, c.Password, database) }

// RoleURL returns how the given role reaches the database.
func (c Cluster) RoleURL(role, password, database string) string {
	user := url.User(role)
	if password != "" {
		user = url.UserPassword(role, password)
	}

	u := url.URL{
		Scheme:   "postgres",
		User:     user,
		Path:     "/" + database,
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)),
		RawQuery: "sslmode=disable",
	}

	return u.String()
}

// Spec describes the server to a supervisor.
func (c Cluster) Spec(name string, owner Owner) supervise.Spec {
	settings := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(c.Port), "unix_socket_directories": "",
		"timezone": "UTC", "log_timezone": "UTC",
		"log_min_duration_statement": "1000", "cluster_name": "shema",
		// What slow statements are given may be a token or what a person wrote.
		"log_parameter_max_length": "0",
	}
	if c.Connections > 0 {
		settings["max_connections"] = strconv.Itoa(c.Connections)
	}

	if c.Disposable {
		// Commits stay synchronous: what was answered survives the death of Postgres itself.
		settings["fsync"], settings["full_page_writes"] = "off", "off"
	}

	maps.Copy(settings, c.Settings)

	command := make([]string, 0, 3+2*len(settings))

	command = append(command, filepath.Join(c.Bin, "postgres"), "-D", c.Data)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		command = append(command, "-c", key+"="+settings[key])
	}

	return supervise.Spec{
		Name:       name,
		Command:    command,
		Env:        environment(),
		Dir:        "/",
		Ready:      []supervise.Probe{c.ping},
		Attributes: owner.Attributes,
		StopSignal: syscall.SIGINT, // "fast": ends sessions instead of waiting for them
	}
}

// Init makes the cluster unless it exists. It also clears what a crash of the
// machine may have left in the way of the next start.
func (c Cluster) Init(ctx context.Context, owner Owner) error {
	made, err := os.ReadFile(filepath.Join(c.Data, "PG_VERSION"))
	if err == nil {
		return errors.Join(c.checkVersion(ctx, strings.TrimSpace(string(made))), c.forgetStalePID())
	}

	return c.fill(owner, func(folder string) error { return c.initdb(ctx, owner, folder) })
}

// fill makes the data folder beside its place and then moves it, so that an interrupted start leaves no half cluster.
func (c Cluster) fill(owner Owner, with func(folder string) error) error {
	unfinished := c.Data + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("remove unfinished cluster: %w", err)
	}

	if err := os.MkdirAll(unfinished, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}

	if err := owner.adopt(unfinished); err != nil {
		return err
	}

	if err := with(unfinished); err != nil {
		return err
	}

	if err := os.Rename(unfinished, c.Data); err != nil {
		return fmt.Errorf("keep the new cluster: %w", err)
	}

	return nil
}

func (c Cluster) ping(ctx context.Context) error {
	connection, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("no answer yet: %w", err)
	}

	return connection.Close(ctx)
}

func (c Cluster) initdb(ctx context.Context, owner Owner, folder string) error {
	arguments := []string{"-D", folder, "-U", Superuser, "--encoding=UTF8", "--locale=C", "--lc-ctype=" + letters(), "--no-instructions"}
	if c.Disposable {
		arguments = append(arguments, "--no-sync")
	}

	if c.Password == "" {
		arguments = append(arguments, "--auth=trust")
	} else {
		arguments = append(arguments, "--auth=scram-sha-256", "--pwfile=/dev/stdin")
	}

	cmd := exec.CommandContext(ctx, filepath.Join(c.Bin, "initdb"), arguments...)
	// Not in the data folder: another user gets its rights there only with the start of the program.
	cmd.Env, cmd.Dir = environment(), "/"
	cmd.Stdin = strings.NewReader(c.Password + "\n")
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	owner.Attributes(cmd.SysProcAttr)

	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}

	return nil
}

// letters names the locale by which upper and lower case are told apart: any of
// Unicode will do, and these come with the system.
func letters() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}

	return "C.UTF-8"
}

// checkVersion refuses to run programs of another major version on the data.
func (c Cluster) checkVersion(ctx context.Context, made string) error {
	out, err := exec.CommandContext(ctx, filepath.Join(c.Bin, "postgres"), "--version").Output()
	if err != nil {
		return fmt.Errorf("ask postgres for its version: %w", err)
	}

	fields := strings.Fields(string(out)) // postgres (PostgreSQL) 15.14 (Debian …)
	if len(fields) < 3 || strings.Split(fields[2], ".")[0] != made {
		return fmt.Errorf("the data in %s was made by PostgreSQL %s and the program is %q: "+
			"name the bin folder of version %s in POSTGRES_BIN, or run make clean", c.Data, made, strings.TrimSpace(string(out)), made)
	}

	return nil
}

// forgetStalePID removes the lock file of a server that is gone when its number
// now belongs to some other program; PostgreSQL itself would refuse to start.
func (c Cluster) forgetStalePID() error {
	path := filepath.Join(c.Data, "postmaster.pid")

	data, err := os.ReadFile(path)
	if err != nil {
		return nil //nolint:nilerr // no file, no lock
	}

	line, _, _ := strings.Cut(string(data), "\n")

	pid, err := strconv.Atoi(line)
	if err == nil && strings.Contains(programName(pid), "postgres") {
		return nil
	}

	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove stale lock: %w", err)
	}

	return nil
}

// environment is all that the server sees: it must not depend on the user's locale.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}
