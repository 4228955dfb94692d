package controller_test

import (
	"context"
	"log/slog"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"time"

	"github.com/shema-music/shema/operator/internal/controller"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/postgres"
)

// operator is a running operator, as main assembles it, but in this process.
type operator struct {
	cancel context.CancelFunc
	done   chan error
}

func startOperator(to *rest.Config) *operator {
	GinkgoHelper()

	ctx, cancel := context.WithCancel(context.Background())
	pool, err := postgres.Open(ctx, suite.url)
	Expect(err).NotTo(HaveOccurred())
	inserter, err := outbox.NewInserter(pool, "course", slog.New(slog.DiscardHandler))
	Expect(err).NotTo(HaveOccurred())
	mgr, err := ctrl.NewManager(to, ctrl.Options{
		Scheme:     scheme(),
		Metrics:    server.Options{BindAddress: "0"},
		Cache:      cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
		Controller: config.Controller{SkipNameValidation: new(true)},
	})

	Expect(err).NotTo(HaveOccurred())
	Expect(controller.Setup(ctx, mgr, controller.Options{
		Store:  store.New(pool, inserter),
		Clock:  suite.clock,
		Resync: resync,
		Poll:   100 * time.Millisecond,
	})).To(Succeed())

	o := &operator{cancel: cancel, done: make(chan error, 1)}
	go func() {
		o.done <- mgr.Start(ctx)

		pool.Close()
	}()

	return o
}

// stop ends the operator and waits until it has ended.
func (o *operator) stop() {
	GinkgoHelper()

	if o.cancel == nil {
		return
	}

	o.cancel()
	o.cancel = nil
	Eventually(o.done).WithTimeout(time.Minute).Should(Receive(BeNil()))
}

// restart replaces the operator by a new one, which knows nothing.
func restartOperator() {
	GinkgoHelper()
	suite.operator.stop()
	suite.operator = startOperator(suite.operatorConfig)
}
