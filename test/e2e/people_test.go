package e2e_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/matchers"
	"github.com/shema-music/shema/test/internal/socket"
)

const password = "kunci-Rahasia-88"

var (
	succeed   = matchers.Succeed
	beRefused = matchers.BeRefused

	people     atomic.Int64
	boss       client.Person
	throughput = &virtualHost{next: client.Transport()}
)

// virtualHost asks the ingress for the platform by its name, whatever the ingress's address is; host is another school's.
type virtualHost struct {
	next http.RoundTripper
	host string
}

// RoundTrip implements http.RoundTripper.
func (v *virtualHost) RoundTrip(r *http.Request) (*http.Response, error) {
	named := r.Clone(r.Context())
	named.Host = cmp.Or(v.host, set.host)
	return v.next.RoundTrip(named)
}

// stranger is a caller without a session, outside of the cluster.
func stranger() *client.Client { return client.New(set.ingress, "", throughput) }

// dialer opens WebSockets through the ingress.
func dialer() *socket.Dialer {
	return &socket.Dialer{Base: set.ingress, Header: http.Header{"Host": {set.host}}}
}

// freshEmail is an address that no run has used before.
func freshEmail() string {
	return fmt.Sprintf("siswa-%d-%d@e2e.shema.test", began.UnixNano(), people.Add(1))
}

// student registers a new person.
func student(more ...client.Registration) *client.Person {
	GinkgoHelper()

	var extra client.Registration
	if len(more) > 0 {
		extra = more[0]
	}

	email := freshEmail()

	return signedIn(email, password, stranger().Register(email, password, extra), 201)
}

// again signs the same person in once more.
func again(p *client.Person) *client.Person {
	GinkgoHelper()
	return signedIn(p.Email, p.Password, stranger().Login(p.Email, p.Password), 200)
}

func signedIn(email, secret string, a client.Answer, status int) *client.Person {
	GinkgoHelper()

	session := read[client.Session](a, status)

	return &client.Person{
		Client:   stranger().With(session.AccessToken),
		Email:    email,
		Password: secret,
		Session:  session,
	}
}

// findAdmin reads the administrator's first password from the secret that the auth service uses.
func findAdmin(ctx context.Context) {
	GinkgoHelper()

	name, err := shema.SecretNamed(ctx, apps.Auth, "service-jwt-secret")
	Expect(err).NotTo(HaveOccurred())

	boss.Email, err = shema.Secret(ctx, name, "admin-email")
	Expect(err).NotTo(HaveOccurred())

	boss.Password, err = shema.Secret(ctx, name, "admin-password")
	Expect(err).NotTo(HaveOccurred())
}

// admin is the administrator of the installation; the access token is renewed in time. Where specs have just restarted
// things, signing in may take a moment.
func admin() *client.Person {
	GinkgoHelper()

	if boss.Client != nil && boss.Get("/api/users/me").Status == http.StatusOK {
		return &boss
	}

	var a client.Answer
	Eventually(func() client.Answer { a = stranger().Login(boss.Email, boss.Password); return a }).Should(succeed(200))

	boss = *signedIn(boss.Email, boss.Password, a, 200)

	return &boss
}

// read decodes an answer that must have the given status.
func read[T any](a client.Answer, status int) T {
	GinkgoHelper()

	value, err := client.Decode[T](a, status)
	Expect(err).NotTo(HaveOccurred())

	return value
}

// eventually waits for as long as an event, a job and a mail may take one after the other on a busy machine.
func eventually(actual any) AsyncAssertion {
	return Eventually(actual).WithTimeout(30 * time.Second).WithPolling(100 * time.Millisecond)
}
