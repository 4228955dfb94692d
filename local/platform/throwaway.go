package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"github.com/shema-music/shema/local/internal/postgres"
	"github.com/shema-music/shema/local/internal/provision"
	"github.com/shema-music/shema/local/internal/supervise"
	"github.com/shema-music/shema/services/kit/clock"
)

// testConnections is enough for the tests of many packages at once, which open pools of their own.
const testConnections = 300

// KubernetesPrograms returns the programs that a test needs to run an API server.
func KubernetesPrograms(ctx context.Context, o Options, progress io.Writer) (provision.Programs, error) {
	o, err := o.resolve()
	if err != nil {
		return provision.Programs{}, err
	}

	provider, err := o.provider(progress)
	if err != nil {
		return provision.Programs{}, err
	}

	return provider.Provide(ctx, provision.Etcd, provision.KubeAPIServer, provision.Kubectl)
}

// ThrowAwayPostgres starts a Postgres for tests, in a temporary folder on a free
// port, and returns its superuser's URL. It is fast and unsafe: nothing is
// synced to disk, every user of this machine is let in, and stop deletes it.
func ThrowAwayPostgres(ctx context.Context, o Options, progress io.Writer) (url string, stop func() error, err error) {
	o, err = o.resolve()
	if err != nil {
		return "", nil, err
	}

	provider, err := o.provider(progress)
	if err != nil {
		return "", nil, err
	}

	programs, err := provider.Provide(ctx, provision.Postgres)
	if err != nil {
		return "", nil, err
	}

	folder, err := os.MkdirTemp("", "shema-postgres-")
	if err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}

	keeper, cluster, err := runCluster(ctx, programs, folder)

	stop = func() error {
		if keeper != nil {
			return errors.Join(keeper.Close(), os.RemoveAll(folder))
		}

		return os.RemoveAll(folder)
	}
	if err != nil {
		return "", nil, errors.Join(err, stop())
	}

	return cluster.URL("postgres"), stop, nil
}

func runCluster(ctx context.Context, programs provision.Programs, folder string) (*supervise.Supervisor, postgres.Cluster, error) {
	port, err := freePort()
	if err != nil {
		return nil, postgres.Cluster{}, err
	}

	cluster := postgres.Cluster{
		Bin:         programs.PostgresBin,
		Data:        filepath.Join(folder, "data"),
		Port:        port,
		Connections: testConnections,
		Disposable:  true,
	}

	owner, err := postgres.FindOwner()
	if err != nil {
		return nil, cluster, err
	}

	if err := cluster.Init(ctx, owner); err != nil {
		return nil, cluster, err
	}

	keeper, err := supervise.New(supervise.Options{
		Runs:   filepath.Join(folder, "run"),
		Logs:   filepath.Join(folder, "log"),
		Clock:  clock.System{},
		Report: func(Event) {},
	})
	if err != nil {
		return nil, cluster, err
	}

	return keeper, cluster, keeper.Apply(ctx, []supervise.Spec{cluster.Spec(partPostgres, owner)})
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends at once
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}

	defer func() { _ = listener.Close() }()

	address, _ := listener.Addr().(*net.TCPAddr)

	return address.Port, nil
}
