package controller_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/go-logr/logr"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// resync is how often the operator under test looks at a resource by itself; in
// production it is 45 s.
const resync = 3 * time.Second

// today is what the operator's clock shows at first: a Friday noon in Jakarta.
var today = time.Date(2027, time.January, 1, 5, 0, 0, 0, time.UTC)

var (
	suite struct {
		config *rest.Config
		// operatorConfig has the operator's own rights only.
		operatorConfig *rest.Config
		client         client.Client
		// admin is who owns the database, service the course service.
		admin, service *pgxpool.Pool
		proxy          *proxy
		url            string
		clock          *clock.Fake
		operator       *operator
	}
	apiServer *envtest.Environment
)

func TestOperator(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(20 * time.Second)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	SetDefaultConsistentlyDuration(2 * time.Second)
	RunSpecs(t, "Operator")
}

var _ = BeforeSuite(func(ctx SpecContext) {
	// Registered first, so that it looks when everything has been stopped.
	before := goleak.IgnoreCurrent()
	DeferCleanup(func() {
		Eventually(func() error { return goleak.Find(before) }).WithTimeout(time.Minute).Should(Succeed(), "no goroutine outlives the operator")
	})

	ctrl.SetLogger(logr.Discard())

	apiServer = &envtest.Environment{
		CRDDirectoryPaths:        []string{filepath.Join("..", "..", "config", "crd")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}
	// Before the start, because a start that fails half-way leaves processes.
	DeferCleanup(func() { _ = apiServer.Stop() })

	var err error

	suite.config, err = apiServer.Start()
	Expect(err).NotTo(HaveOccurred(), "TEST_ASSET_KUBE_APISERVER and TEST_ASSET_ETCD must name the programs")
	suite.client, err = client.New(suite.config, client.Options{Scheme: scheme()})
	Expect(err).NotTo(HaveOccurred())

	db := pgtest.NewDatabase(GinkgoTB(), pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files})
	suite.service = db.Pool(GinkgoTB(), "course_service")
	suite.admin, err = pgxpool.New(ctx, db.SuperuserURL())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(suite.admin.Close)
	suite.proxy, suite.url = newProxy(db.URL("catalog_operator"))
	DeferCleanup(suite.proxy.close)
	suite.clock = clock.NewFake(today)
	suite.operatorConfig = restrictedConfig(ctx)
	suite.operator = startOperator(suite.operatorConfig)
	DeferCleanup(func() { suite.operator.stop() })
}, NodeTimeout(3*time.Minute))

// restrictedConfig is a user with the rights that config/rbac gives.
func restrictedConfig(ctx context.Context) *rest.Config {
	GinkgoHelper()

	file, err := os.ReadFile(filepath.Join("..", "..", "config", "rbac", "role.yaml"))
	Expect(err).NotTo(HaveOccurred())

	role := &rbacv1.ClusterRole{}
	Expect(yaml.Unmarshal(bytes.Split(file, []byte("\n---\n"))[0], role)).To(Succeed())
	Expect(suite.client.Create(ctx, role)).To(Succeed())
	Expect(suite.client.Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role.Name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: apps.Operator}},
	})).To(Succeed())

	user, err := apiServer.AddUser(envtest.User{Name: apps.Operator}, nil)
	Expect(err).NotTo(HaveOccurred())

	restricted := user.Config()
	restricted.QPS = -1 // as in production, the server alone limits

	return restricted
}

func scheme() *runtime.Scheme {
	s := runtime.NewScheme()
	Expect(v1alpha1.AddToScheme(s)).To(Succeed())
	Expect(rbacv1.AddToScheme(s)).To(Succeed())
	Expect(corev1.AddToScheme(s)).To(Succeed())
	Expect(eventsv1.AddToScheme(s)).To(Succeed())

	return s
}

// namespace makes a namespace for one spec.
func namespace(ctx context.Context) string {
	ns := &corev1.Namespace{}
	ns.GenerateName = "school-"
	Expect(suite.client.Create(ctx, ns)).To(Succeed())

	return ns.Name
}
