package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/services/course/migrations"
	"github.com/shema-music/shema/services/kit/pgtest"
)

// leaseNamespace is the one that the generated Role names.
const leaseNamespace = "shema"

// cluster is an API server on which the operator has the rights that config/rbac
// gives, and nothing else.
func cluster(t *testing.T) (admin client.Client, kubeconfig []byte) {
	t.Helper()
	g := NewWithT(t)
	env := &envtest.Environment{
		CRDDirectoryPaths:        []string{filepath.Join("..", "config", "crd")},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: time.Minute,
		ControlPlaneStopTimeout:  time.Minute,
	}

	t.Cleanup(func() { _ = env.Stop() }) // also after a start that failed half-way

	config, err := env.Start()
	g.Expect(err).NotTo(HaveOccurred())

	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, corev1.AddToScheme, rbacv1.AddToScheme, coordinationv1.AddToScheme} {
		g.Expect(add(scheme)).To(Succeed())
	}

	admin, err = client.New(config, client.Options{Scheme: scheme})
	g.Expect(err).NotTo(HaveOccurred())
	user, err := env.AddUser(envtest.User{Name: appID}, nil)
	g.Expect(err).NotTo(HaveOccurred())
	kubeconfig, err = user.KubeConfig()
	g.Expect(err).NotTo(HaveOccurred())
	grant(t, admin)

	return admin, kubeconfig
}

// grant gives the operator's user the generated roles.
func grant(t *testing.T, admin client.Client) {
	t.Helper()
	g := NewWithT(t)
	file, err := os.ReadFile(filepath.Join("..", "config", "rbac", "role.yaml"))
	g.Expect(err).NotTo(HaveOccurred())

	documents := bytes.Split(bytes.TrimPrefix(file, []byte("---\n")), []byte("\n---\n"))
	g.Expect(documents).To(HaveLen(2))

	everywhere, leases := &rbacv1.ClusterRole{}, &rbacv1.Role{}
	g.Expect(yaml.UnmarshalStrict(documents[0], everywhere)).To(Succeed())
	g.Expect(yaml.UnmarshalStrict(documents[1], leases)).To(Succeed())

	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: appID}}

	meta := metav1.ObjectMeta{Name: appID, Namespace: leaseNamespace}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: leaseNamespace}}, everywhere, leases,
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: appID}, Subjects: subjects,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: everywhere.Name}},
		&rbacv1.RoleBinding{ObjectMeta: meta, Subjects: subjects,
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: leases.Name}},
	} {
		g.Expect(admin.Create(t.Context(), object)).To(Succeed())
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	defer func() { _ = listener.Close() }()

	return listener.Addr().(*net.TCPAddr).Port
}

// get returns the status and the body of a local address.
func get(port int, path string) func() (string, error) {
	return func() (string, error) {
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", port, path))
		if err != nil {
			return "", err
		}

		defer func() { _ = response.Body.Close() }()

		body, err := io.ReadAll(response.Body)

		return fmt.Sprintf("%d %s", response.StatusCode, body), err
	}
}

func piano(namespace string) *v1alpha1.Course {
	return &v1alpha1.Course{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "piano-" + namespace},
		Spec: v1alpha1.CourseSpec{
			Title:         "Piano",
			Instrument:    "piano",
			Level:         "beginner",
			PriceCategory: "low",
			AvailableDays: []v1alpha1.Weekday{"monday"},
		},
	}
}

func TestRun(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)

	admin, kubeconfig := cluster(t)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	g.Expect(os.WriteFile(file, kubeconfig, 0o600)).To(Succeed())

	db := pgtest.NewDatabase(t, pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files})

	probes, metrics := freePort(t), freePort(t)
	for name, value := range map[string]string{
		"KUBECONFIG": file, "DATABASE_URL": db.URL("catalog_operator"), "LISTEN_HOST": "127.0.0.1",
		"PROBE_PORT": strconv.Itoa(probes), "METRICS_PORT": strconv.Itoa(metrics), "LOG_LEVEL": "error",
		"LEADER_ELECT": "true", "LEADER_ELECTION_NAMESPACE": leaseNamespace, "WATCH_NAMESPACES": "default",
	} {
		t.Setenv(name, value)
	}

	ctx, stop := context.WithCancel(t.Context())

	done := make(chan error, 1)
	go func() { done <- run(ctx) }()

	g.Eventually(get(probes, "/healthz")).Should(HavePrefix("200"))
	g.Eventually(get(probes, "/readyz")).Should(HavePrefix("200"))

	watched, other := piano("default"), piano(leaseNamespace)
	g.Expect(admin.Create(t.Context(), watched)).To(Succeed())
	g.Expect(admin.Create(t.Context(), other)).To(Succeed())
	g.Eventually(func() (string, error) {
		return watched.Status.CourseID, admin.Get(t.Context(), client.ObjectKeyFromObject(watched), watched)
	}).ShouldNot(BeEmpty())
	g.Eventually(get(metrics, "/metrics")).Should(And(
		ContainSubstring(`shema_catalog_reconcile_total{kind="Course",reason="Applied"}`),
		ContainSubstring("shema_catalog_database_up 1"), ContainSubstring("controller_runtime_reconcile_total")))
	g.Expect(admin.Get(t.Context(), client.ObjectKeyFromObject(other), other)).To(Succeed())
	g.Expect(other.Status.Conditions).To(BeEmpty(), "WATCH_NAMESPACES leaves other namespaces alone")

	var leases coordinationv1.LeaseList
	g.Expect(admin.List(t.Context(), &leases, client.InNamespace(leaseNamespace))).To(Succeed())
	g.Expect(leases.Items).To(HaveLen(1))
	stop()
	g.Eventually(done).WithTimeout(15*time.Second).Should(Receive(BeNil()), "a stop is no failure")
	g.Expect(admin.List(t.Context(), &leases, client.InNamespace(leaseNamespace))).To(Succeed())
	g.Expect(*leases.Items[0].Spec.HolderIdentity).To(BeEmpty(), "the lease is given back")
}

func TestReadConfig(t *testing.T) {
	g := NewWithT(t)
	_, err := readConfig()
	g.Expect(err).To(MatchError(ContainSubstring("DATABASE_URL")))
	t.Setenv("DATABASE_URL", "postgres://somewhere")
	t.Setenv("PORT_OFFSET", "100")

	c, err := readConfig()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.probeAddress()).To(Equal(":3107"))
	g.Expect(c.metricsAddress()).To(Equal(":9107"))
	g.Expect(c.Resync).To(Equal(45*time.Second), "drift is put back within 60 s")
	g.Expect(c.WatchNamespaces).To(BeEmpty(), "all namespaces")
}

func TestCommand_AwaitMigrations(t *testing.T) {
	g := NewWithT(t)
	db := pgtest.NewDatabase(t, pgtest.Schema{Name: "course", Role: "course_service", Migrations: migrations.Files})
	t.Setenv("DATABASE_URL", db.URL("catalog_operator"))
	g.Expect(command(t.Context(), []string{"await-migrations"})).To(Succeed(), "its role may see which version they have")
	t.Setenv("DATABASE_URL", pgtest.NewDatabase(t).URL("catalog_operator"))

	ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer stop()

	g.Expect(command(ctx, []string{"await-migrations"})).To(MatchError(ContainSubstring("wait for migrations of course")))
	g.Expect(command(t.Context(), []string{"nonsense"})).To(MatchError(ContainSubstring("await-migrations")))
	g.Expect(command(t.Context(), []string{"version"})).To(Succeed())
}
