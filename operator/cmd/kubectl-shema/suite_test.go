package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/operator/internal/controller"
	"github.com/shema-music/shema/operator/internal/store"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/postgres"
)

// TestMain lets kubectl start this very program as its plugin.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "kubectl-shema" {
		os.Exit(run(os.Args[1:]))
	}

	os.Exit(m.Run())
}

// now is what the clocks of the operator and of the plugin show: a Friday noon
// in Jakarta.
var now = time.Date(2027, time.January, 1, 5, 0, 0, 0, time.UTC)

// running is a clock that shows now when it begins. The operator's goes on, as it counts again only after a while.
type running struct{ began time.Time }

// Now returns now and the time that has passed since.
func (r running) Now() time.Time { return now.Add(time.Since(r.began)) }

// school is a cluster with an operator that works on a database.
type school struct {
	*WithT

	env      *envtest.Environment
	api      client.Client
	kubectl  string
	database *pgxpool.Pool
	// config and url are those of the operator.
	config     *rest.Config
	url        string
	kubeconfig string
}

func newSchool(t *testing.T) *school {
	t.Helper()
	s := &school{WithT: NewWithT(t), env: &envtest.Environment{
		CRDDirectoryPaths:        []string{filepath.Join("..", "..", "config", "crd")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}}
	s.SetDefaultEventuallyTimeout(20 * time.Second)
	s.SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	ctrl.SetLogger(logr.Discard())
	t.Cleanup(func() { _ = s.env.Stop() }) // also after a start that failed half-way

	var err error

	s.config, err = s.env.Start()
	s.Expect(err).NotTo(HaveOccurred())
	s.api, err = client.New(s.config, client.Options{Scheme: scheme(s.WithT)})
	s.Expect(err).NotTo(HaveOccurred())
	user, err := s.env.AddUser(envtest.User{Name: "admin", Groups: []string{"system:masters"}}, nil)
	s.Expect(err).NotTo(HaveOccurred())
	config, err := user.KubeConfig()
	s.Expect(err).NotTo(HaveOccurred())
	s.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	s.Expect(os.WriteFile(s.kubeconfig, config, 0o600)).To(Succeed())
	s.kubectl = s.env.ControlPlane.KubectlPath

	db := pgtest.NewDatabase(t, pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files})
	s.database, s.url = db.Pool(t, "course_service"), db.URL("catalog_operator")

	return s
}

func scheme(g *WithT) *runtime.Scheme {
	s := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(s)).To(Succeed())
	g.Expect(corev1.AddToScheme(s)).To(Succeed())

	return s
}

// operate starts the operator and returns how to stop it.
func (s *school) operate(t *testing.T) (stop func()) {
	t.Helper()

	ctx, cancel := context.WithCancel(context.Background())
	pool, err := postgres.Open(ctx, s.url)
	s.Expect(err).NotTo(HaveOccurred())
	inserter, err := outbox.NewInserter(pool, "course", slog.New(slog.DiscardHandler))
	s.Expect(err).NotTo(HaveOccurred())
	mgr, err := ctrl.NewManager(s.config, ctrl.Options{Scheme: scheme(s.WithT), Metrics: server.Options{BindAddress: "0"}})
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(controller.Setup(ctx, mgr, controller.Options{
		Store:  store.New(pool, inserter),
		Clock:  running{began: time.Now()},
		Resync: time.Hour,
		Poll:   100 * time.Millisecond,
	})).To(Succeed())

	done := make(chan error, 1)
	go func() {
		done <- mgr.Start(ctx)

		pool.Close()
	}()

	stopped := false
	stop = func() {
		if stopped {
			return
		}

		stopped = true

		cancel()
		s.Eventually(done).Should(Receive(BeNil()))
	}

	t.Cleanup(stop)

	return stop
}

func (s *school) namespace(t *testing.T, name string) {
	t.Helper()
	s.Expect(s.api.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})).To(Succeed())
}

func (s *school) create(t *testing.T, objects ...client.Object) {
	t.Helper()

	for _, object := range objects {
		s.Expect(s.api.Create(t.Context(), object)).To(Succeed())
	}
}

// sql changes the database by hand.
func (s *school) sql(t *testing.T, statement string, arguments ...any) {
	t.Helper()
	tag, err := s.database.Exec(t.Context(), statement, arguments...)
	s.Expect(err).NotTo(HaveOccurred())
	s.Expect(tag.RowsAffected()).To(BeNumerically(">", 0), statement)
}

// plugin runs the plugin in this process, on the clock of the test.
func (s *school) plugin(arguments ...string) (output string, code int) {
	streams, _, out, _ := genericiooptions.NewTestIOStreams()
	command := newCommand(streams, clock.NewFake(now))
	command.SetArgs(append([]string{"--kubeconfig", s.kubeconfig}, arguments...))

	errs := new(bytes.Buffer)
	code = exitCode(errs, command.ExecuteContext(context.Background()))

	return out.String() + errs.String(), code
}

func course(namespace, name string, change ...func(*v1alpha1.CourseSpec)) *v1alpha1.Course {
	c := &v1alpha1.Course{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.CourseSpec{
			Title:         "Piano for beginners",
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			AvailableDays: []v1alpha1.Weekday{"monday"},
		},
	}

	for _, apply := range change {
		apply(&c.Spec)
	}

	return c
}

// lessons has two single lessons on Monday and Tuesday the 4th and 5th.
func lessons(namespace, name, course string) *v1alpha1.Schedule {
	return &v1alpha1.Schedule{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.ScheduleSpec{
			CourseRef: v1alpha1.CourseReference{Name: course},
			Slots:     []v1alpha1.Slot{{Start: "2027-01-04T16:00", Duration: "1h"}, {Start: "2027-01-05T16:00", Duration: "1h"}},
		},
	}
}
