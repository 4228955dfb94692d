package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/shema-music/shema/operator/api/v1alpha1"
)

// probeTimeout bounds what a probe may wait for.
const probeTimeout = 2 * time.Second

// newManager returns a manager that knows our kinds only, keeps little of them
// in memory, and answers probes.
func newManager(c config, pool *pgxpool.Pool) (manager.Manager, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register the kinds: %w", err)
	}

	kubeconfig, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the Kubernetes API server (KUBECONFIG): %w", err)
	}

	mgr, err := ctrl.NewManager(kubeconfig, ctrl.Options{
		Scheme:                        scheme,
		Cache:                         cache.Options{DefaultNamespaces: namespaces(c.WatchNamespaces), DefaultTransform: cache.TransformStripManagedFields()},
		Metrics:                       server.Options{BindAddress: c.metricsAddress()},
		HealthProbeBindAddress:        c.probeAddress(),
		LeaderElection:                c.LeaderElect,
		LeaderElectionID:              appID + ".shema.music",
		LeaderElectionNamespace:       c.LeaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       &c.ShutdownTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the manager: %w", err)
	}

	return mgr, addProbes(mgr, pool)
}

// namespaces is what the cache looks at; nil means all namespaces.
func namespaces(names []string) map[string]cache.Config {
	if len(names) == 0 {
		return nil
	}

	chosen := make(map[string]cache.Config, len(names))
	for _, name := range names {
		chosen[name] = cache.Config{}
	}

	return chosen
}

// addProbes makes /healthz say that the operator runs, and /readyz that it sees
// the resources and the database.
func addProbes(mgr manager.Manager, pool *pgxpool.Pool) error {
	resources := func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
		defer cancel()

		if !mgr.GetCache().WaitForCacheSync(ctx) {
			return errors.New("the resources have not been read yet")
		}

		return nil
	}

	database := func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
		defer cancel()
		return pool.Ping(ctx)
	}

	err := errors.Join(
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("resources", resources),
		mgr.AddReadyzCheck("database", database),
	)
	if err != nil {
		return fmt.Errorf("add the probes: %w", err)
	}

	return nil
}
