package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/catalogue"
	api "github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/cluster"
)

// school is an installation as its people see it: a host, and a namespace for the catalogue.
type school struct {
	host, namespace, catalogue string
	admin                      *api.Person
}

func (s *school) stranger() *api.Client {
	return api.New(set.ingress, "", &virtualHost{next: api.Transport(), host: s.host})
}

// image tells where the platform's images are, out of one that runs.
func image(ctx context.Context) (registry, tag string) {
	GinkgoHelper()

	d, err := shema.Deployment(ctx, apps.Gateway)
	Expect(err).NotTo(HaveOccurred())

	name := d.Spec.Template.Spec.Containers[0].Image
	colon := strings.LastIndex(name, ":")

	return strings.TrimSuffix(name[:colon], "/gateway"), name[colon+1:]
}

// watches tells whether the operator of the school under test leaves other namespaces alone.
func watches(ctx context.Context) bool {
	GinkgoHelper()

	d, err := shema.Deployment(ctx, apps.Operator)
	Expect(err).NotTo(HaveOccurred())

	for _, variable := range d.Spec.Template.Spec.Containers[0].Env {
		if variable.Name == "WATCH_NAMESPACES" {
			return variable.Value != ""
		}
	}

	return false
}

// second installs another school as docs/schools.md says, with stores of its own.
func second(ctx context.Context) (*cluster.Cluster, *school) {
	GinkgoHelper()

	other := &cluster.Cluster{Client: shema.Client, Config: shema.Config, Namespace: set.namespace + "-two"}
	s := &school{host: "two." + set.host, namespace: other.Namespace, catalogue: other.Namespace}

	namespace, err := os.ReadFile(filepath.Join(set.root, "k8s", "namespace.yaml"))
	Expect(err).NotTo(HaveOccurred())
	kubectl(ctx, strings.Replace(string(namespace), "name: shema", "name: "+other.Namespace, 1), "apply", "-f", "-")
	DeferCleanup(func(ctx context.Context) {
		_, _ = other.Kubectl(ctx, "", "delete", "courses,schedules", "--all", "--timeout=1m")
		_, _ = other.Helm(ctx, "uninstall", "shema", "shema-dev", "--wait")
		_, _ = other.Kubectl(ctx, "", "delete", "namespace", other.Namespace, "--wait=false")
	})

	registry, tag := image(ctx)
	images := []string{"--set", "image.registry=" + registry, "--set", "image.tag=" + tag}
	install := func(name string, args ...string) {
		GinkgoHelper()

		out, err := other.Helm(ctx, append(append([]string{"upgrade", "--install", name, filepath.Join(set.root, "charts", name)}, images...), args...)...)
		Expect(err).NotTo(HaveOccurred(), out)
	}

	install("shema-dev")
	install("shema", "--values", filepath.Join(set.root, "charts", "shema-dev", "shema.yaml"), "--set", "ingress.host="+s.host,
		"--set", "crds.enabled=false", "--set", "admission.enabled=false", "--set", "operator.watchNamespaces={"+s.catalogue+"}",
		// Both fit on a small node.
		"--set", "defaults.resources.requests.cpu=10m", "--set", "apps.auth.resources.requests.cpu=10m", "--set", "dapr.resources.requests.cpu=10m")
	Eventually(func() ([]string, error) { return other.NotReady(ctx) }).WithTimeout(set.patience).WithPolling(time.Second).Should(BeEmpty())

	secret := func(key string) string {
		GinkgoHelper()

		value, err := other.Secret(ctx, "shema-secrets", key)
		Expect(err).NotTo(HaveOccurred())

		return value
	}
	s.admin = s.signedIn(secret("admin-email"), secret("admin-password"))

	return other, s
}

// signedIn signs a person in as soon as the ingress leads to the school.
func (s *school) signedIn(email, secret string) *api.Person {
	GinkgoHelper()

	var a api.Answer
	Eventually(func() api.Answer { a = s.stranger().Login(email, secret); return a }).WithTimeout(time.Minute).Should(succeed(200))

	session := read[api.Session](a, 200)

	return &api.Person{Client: s.stranger().With(session.AccessToken), Email: email, Password: secret, Session: session}
}

// play books and confirms the first of two slots of a course with that name; it returns the course and the student.
func (s *school) play(ctx context.Context, name, email string) (api.Course, *api.Person) {
	GinkgoHelper()

	written := fmt.Sprintf(storyYAML, name, catalogue.Start().In(catalogue.Jakarta).Format("2006-01-02T15:04"),
		catalogue.Start().Add(24*time.Hour).In(catalogue.Jakarta).Format("2006-01-02T15:04"), s.catalogue)
	kubectl(ctx, written, "--namespace", s.catalogue, "apply", "-f", "-")

	var (
		found api.Course
		slots []api.Slot
	)

	eventually(func(g Gomega) {
		var err error

		found, err = api.Decode[api.Course](s.stranger().Get("/api/courses/"+name), 200)
		g.Expect(err).NotTo(HaveOccurred())

		slots, err = api.Available(s.stranger(), found.ID)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(slots).To(HaveLen(2))
	}).Should(Succeed())

	session := read[api.Session](s.stranger().Register(email, password, nil), 201)
	p := &api.Person{Client: s.stranger().With(session.AccessToken), Email: email, Password: password, Session: session}
	b := read[api.Booking](p.Book(found.ID, slots[0].ID, slots[1].ID), 201)
	Expect(s.admin.Confirm(b.ID, slots[0].ID)).To(succeed(200))
	eventually(func() string { return read[api.User](p.Get("/api/users/me"), 200).Status }).Should(Equal("active"))

	return found, p
}

var _ = Describe("Two schools on one cluster", Label("schools"), SpecPriority(-5), func() {
	It("play their stories at once and know nothing of each other", func(ctx SpecContext) {
		if !watches(ctx) {
			Skip("the operator looks at all namespaces, also at another school's: operator.watchNamespaces says otherwise")
		}

		started := time.Now()
		other, two := second(ctx)

		measuredf("helm install of a second school to all ready", "%.1f s", time.Since(started).Seconds())

		one := &school{host: set.host, namespace: set.namespace, catalogue: catalogue.Namespace, admin: admin()}
		name, email := newName("biola"), freshEmail()

		By("playing both stories at once, with the same course and the same person")

		courses, people := make([]api.Course, 2), make([]*api.Person, 2)

		var playing sync.WaitGroup
		for i, s := range []*school{one, two} {
			playing.Go(func() {
				defer GinkgoRecover()

				courses[i], people[i] = s.play(ctx, name, email)
			})
		}

		playing.Wait()

		Expect(courses[0].ID).NotTo(Equal(courses[1].ID))
		made[name] = courses[0].ID

		By("telling one school's people nothing of the other")
		Expect(one.stranger().Get("/api/courses/" + courses[1].ID)).To(beRefused(404, "COURSE_NOT_FOUND"))
		Expect(two.stranger().With(people[0].Session.AccessToken).Get("/api/users/me")).To(beRefused(401, "AUTH_INVALID_TOKEN"))
		Expect(two.stranger().With(one.admin.Session.AccessToken).Get("/api/users")).To(beRefused(401, "AUTH_INVALID_TOKEN"))

		By("calling the other school's apps through Dapr")

		from := open(ctx, apps.Booking, 3004)
		for _, callee := range []string{apps.Course, apps.User} {
			foreign := operation{app: callee + "." + two.namespace, method: "POST", path: "/internal/reservations"}
			Expect(verdict(from.invoke(foreign, from.signed(callee)))).To(BeElementOf(refusedByDapr, unreachable), callee)
		}

		By("keeping one school's staff from the other's catalogue")
		expectStaffApart(ctx, one, two)
		expectOnlyOwn(ctx, other, two, name)
	})
})

// expectStaffApart binds a user in one school and asks the API server what they may in both.
func expectStaffApart(ctx context.Context, one, two *school) {
	GinkgoHelper()
	kubectl(ctx, "", "--namespace", two.namespace, "create", "rolebinding", "e2e-staff", "--clusterrole=edit", "--user=e2e-staff")

	may := func(namespace, verb string) string {
		out, _ := shema.Kubectl(ctx, "", "--namespace", namespace, "auth", "can-i", verb, "courses.catalog.shema.music", "--as=e2e-staff")
		return strings.TrimSpace(out)
	}
	eventually(func() string { return may(two.namespace, "update") }).Should(Equal("yes"))

	for _, verb := range []string{"get", "list", "update", "delete"} {
		Expect(may(one.namespace, verb)).To(HavePrefix("no"), verb)
	}

	account := "system:serviceaccount:" + two.namespace + ":" + apps.Operator
	out, _ := shema.Kubectl(ctx, "", "--namespace", one.catalogue, "auth", "can-i", "update", "courses.catalog.shema.music", "--as="+account)
	Expect(out).To(HavePrefix("no"), "the operator of the other school")
}

// expectOnlyOwn looks into the second school's resources: its own, and nothing of its secrets is the first's.
func expectOnlyOwn(ctx context.Context, other *cluster.Cluster, two *school, name string) {
	GinkgoHelper()

	var c v1alpha1.Course
	Expect(resources.Get(ctx, client.ObjectKey{Namespace: two.catalogue, Name: name}, &c)).To(Succeed())
	Expect(c.Status.CourseID).NotTo(Equal(made[name]))

	for _, key := range []string{"service-jwt-secret", "refresh-token-secret", "jwks.json", "admin-password"} {
		theirs, err := other.Secret(ctx, "shema-secrets", key)
		Expect(err).NotTo(HaveOccurred())

		var ours corev1.Secret
		Expect(shema.Get(ctx, client.ObjectKey{Namespace: shema.Namespace, Name: "shema-secrets"}, &ours)).To(Succeed())
		Expect(string(ours.Data[key])).NotTo(Equal(theirs), key)
	}

	Expect(resources.Delete(ctx, &v1alpha1.Schedule{ObjectMeta: metav1.ObjectMeta{Namespace: two.catalogue, Name: name}})).To(Succeed())
}
