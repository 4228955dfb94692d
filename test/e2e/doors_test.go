package e2e_test

import (
	"context"
	"html"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/services/contracts/apps"
	api "github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/invariants"
)

// schemas are those whose durable jobs have to come to an end.
var schemas = []string{"users", "auth", "course", "booking", "chat", "recommendation"}

// forward opens a door that closes with the spec, and returns its address.
func forward(target string, port int) string {
	GinkgoHelper()

	door, err := shema.Forward(target, port)
	Expect(err).NotTo(HaveOccurred())

	DeferCleanup(door.Close)

	return door.Address
}

// serviceOf finds the service in the namespace that a host such as postgres or postgres.shema.svc means.
func serviceOf(ctx context.Context, host string) *corev1.Service {
	GinkgoHelper()

	name, rest, _ := strings.Cut(host, ".")
	if space, _, _ := strings.Cut(rest, "."); rest != "" && space != shema.Namespace {
		return nil
	}

	service := &corev1.Service{}

	err := shema.Get(ctx, client.ObjectKey{Namespace: shema.Namespace, Name: name}, service)
	if apierrors.IsNotFound(err) {
		return nil
	}

	Expect(err).NotTo(HaveOccurred())

	return service
}

// mailbox returns the address at which the mails can be read that the platform sends; "" where they really go out.
func mailbox(ctx context.Context) string {
	GinkgoHelper()

	host, err := shema.Secret(ctx, "shema-mail", "host")
	if apierrors.IsNotFound(err) {
		return ""
	}

	Expect(err).NotTo(HaveOccurred())

	service := serviceOf(ctx, host)
	if service == nil {
		return ""
	}

	for _, port := range service.Spec.Ports {
		if port.Name == "http" {
			return "http://" + forward("service/"+service.Name, int(port.Port))
		}
	}

	return ""
}

// mails returns what was sent to a person, the marks of HTML undone.
func mails(box string, p *api.Person) ([]api.Mail, error) {
	found, err := api.Mails(box, p.Email)
	for i := range found {
		found[i].Body = html.UnescapeString(found[i].Body)
	}

	return found, err
}

// database opens the platform's database with the administrator's URL, or returns nil where the platform has none.
func database(ctx context.Context) *pgxpool.Pool {
	GinkgoHelper()

	name, err := shema.SecretNamed(ctx, apps.Booking, apps.Booking)
	Expect(err).NotTo(HaveOccurred())

	text, err := shema.Secret(ctx, name, "admin-url")
	if err != nil {
		sayf("the secret %s has no admin-url: the tables are not looked at", name)
		return nil
	}

	address, err := url.Parse(text)
	Expect(err).NotTo(HaveOccurred())

	role, err := url.Parse(secret(ctx, name, apps.Booking))
	Expect(err).NotTo(HaveOccurred())

	address.Path = role.Path // the administrator's own database may be another
	if service := serviceOf(ctx, address.Hostname()); service != nil {
		address.Host = forward("service/"+service.Name, int(service.Spec.Ports[0].Port))
	}

	pool, err := pgxpool.New(ctx, address.String())
	Expect(err).NotTo(HaveOccurred())

	DeferCleanup(pool.Close)

	return pool
}

// expectLedger waits until nothing is in flight, and then all promises of the tables must hold.
func expectLedger(ctx context.Context) {
	GinkgoHelper()

	db := database(ctx)
	if db == nil {
		return
	}

	eventually(func() ([]string, error) { return invariants.InFlight(ctx, db, schemas...) }).Should(BeEmpty(), "jobs in flight")
	eventually(func() ([]string, error) { return invariants.Broken(ctx, db) }).Should(BeEmpty(), "promises of the tables")
}
