// Package people makes callers of a platform under test: strangers, students, staff, each at an address of their own. It
// asserts as it goes, so it is for ginkgo suites.
package people

import (
	"fmt"
	"sync"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2" //nolint:staticcheck // as in the suites
	. "github.com/onsi/gomega"    //nolint:staticcheck // as in the suites

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/matchers"
)

var succeed = matchers.Succeed

// Password is that of all people.
const Password = "kunci-Rahasia-88"

// Crowd makes people of one platform. It is safe for concurrent use as long as its fields do not change meanwhile.
type Crowd struct {
	// Gateway is where they ask.
	Gateway string
	// AdminEmail and AdminPassword are those of the administrator that the platform was started with.
	AdminEmail, AdminPassword string
	// Observe, when set, sees every answer that they get.
	Observe client.Observer

	count atomic.Int64
	boss  atomic.Pointer[client.Person]
}

// Transport is shared by all people.
var Transport = client.Transport()

// Number is a new one at every call.
func (c *Crowd) Number() int64 { return c.count.Add(1) }

// Stranger is a caller without a session from an address, and a network, that were not used before.
func (c *Crowd) Stranger() *client.Client {
	n := c.Number()
	return c.StrangerAt(fmt.Sprintf("10.%d.%d.7", n/250, n%250))
}

// StrangerAt is a caller without a session from that address.
func (c *Crowd) StrangerAt(address string) *client.Client {
	stranger := client.New(c.Gateway, address, Transport)
	stranger.Observe = c.Observe

	return stranger
}

// FreshEmail is an address that was not used before.
func (c *Crowd) FreshEmail() string {
	return fmt.Sprintf("siswa-%d-%d@shema.test", GinkgoRandomSeed(), c.Number())
}

// Student registers a new person.
func (c *Crowd) Student() *client.Person {
	GinkgoHelper()

	stranger, email := c.Stranger(), c.FreshEmail()

	return SignedIn(stranger, email, Password, stranger.Register(email, Password, nil), 201)
}

// Students registers several people, a few at once: hashing their passwords is most of the work, and a crowd of
// registrations is not what the specs are about.
func (c *Crowd) Students(count int) []*client.Person {
	GinkgoHelper()

	const atOnce = 8

	var students []*client.Person
	for len(students) < count {
		some := Together(min(atOnce, count-len(students)), func(int) *client.Person { return c.Student() })
		students = append(students, some...)
	}

	return students
}

// Again signs the same person in once more, from another address.
func (c *Crowd) Again(p *client.Person) *client.Person {
	GinkgoHelper()

	stranger := c.Stranger()

	return SignedIn(stranger, p.Email, p.Password, stranger.Login(p.Email, p.Password), 200)
}

// WithRole registers a person and gives them a role.
func (c *Crowd) WithRole(role string) *client.Person {
	GinkgoHelper()

	p := c.Student()
	if role == "student" {
		return p
	}

	Expect(c.Admin().SetAccess(p.Session.User.ID, map[string]any{"role": role})).To(succeed(200))

	return c.Again(p)
}

// Admin is the administrator that the platform was started with. Specs that restart things may have let the access token
// age; it is renewed by signing in again.
func (c *Crowd) Admin() *client.Person {
	GinkgoHelper()

	if p := c.boss.Load(); p != nil && p.Get("/api/users/me").Status == 200 {
		return p
	}

	stranger := c.Stranger()
	p := SignedIn(stranger, c.AdminEmail, c.AdminPassword, stranger.Login(c.AdminEmail, c.AdminPassword), 200)
	c.boss.Store(p)

	return p
}

// SignedIn is the person whose session an answer brings.
func SignedIn(c *client.Client, email, password string, a client.Answer, status int) *client.Person {
	GinkgoHelper()

	session := Read[client.Session](a, status)

	return &client.Person{
		Client:   c.With(session.AccessToken),
		Email:    email,
		Password: password,
		Session:  session,
	}
}

// Read decodes an answer that must have the given status.
func Read[T any](a client.Answer, status int) T {
	GinkgoHelper()

	value, err := client.Decode[T](a, status)
	Expect(err).NotTo(HaveOccurred())

	return value
}

// Together calls f count times at once, all released by one signal, and returns the results in order.
func Together[T any](count int, f func(i int) T) []T {
	GinkgoHelper()

	results := make([]T, count)
	start := make(chan struct{})

	var done sync.WaitGroup
	for i := range count {
		done.Go(func() {
			defer GinkgoRecover()

			<-start

			results[i] = f(i)
		})
	}

	close(start)
	done.Wait()

	return results
}
