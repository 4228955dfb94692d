package platform_test

import (
	"fmt"
	"sync/atomic"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

const password = "kunci-Rahasia-88"

var (
	transport = client.Transport()
	strangers atomic.Int64
)

// stranger is a caller without a session from an address, and a network, that nobody has used before.
func stranger() *client.Client {
	n := strangers.Add(1)
	return strangerAt(fmt.Sprintf("10.%d.%d.7", n/250, n%250))
}

func strangerAt(address string) *client.Client {
	c := client.New(platform.Gateway, address, transport)
	c.Observe = conventions.check
	return c
}

func freshEmail() string {
	return fmt.Sprintf("siswa-%d-%d@shema.test", GinkgoRandomSeed(), strangers.Add(1))
}

// student registers somebody new.
func student() *client.Person {
	GinkgoHelper()

	c, email := stranger(), freshEmail()

	return signedIn(c, email, c.Register(email, password, nil), 201)
}

// students registers several people, a few at once: hashing their passwords is most of the work, and a crowd of
// registrations is not what the specs are about.
func students(count int) []*client.Person {
	GinkgoHelper()

	const atOnce = 8

	var everybody []*client.Person
	for len(everybody) < count {
		some := together(min(atOnce, count-len(everybody)), func(int) *client.Person { return student() })
		everybody = append(everybody, some...)
	}

	return everybody
}

// again signs the same person in once more, from another address.
func again(p *client.Person) *client.Person {
	GinkgoHelper()

	c := stranger()

	return signedIn(c, p.Email, c.Login(p.Email, p.Password), 200)
}

func signedIn(c *client.Client, email string, a client.Answer, status int) *client.Person {
	GinkgoHelper()

	session := read[client.Session](a, status)

	return &client.Person{
		Client:   c.With(session.AccessToken),
		Email:    email,
		Password: password,
		Session:  session,
	}
}

// somebody registers a person and gives them a role.
func somebody(role string) *client.Person {
	GinkgoHelper()

	p := student()
	if role == "student" {
		return p
	}

	Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"role": role})).To(succeed(200))

	return again(p)
}

var theAdmin atomic.Pointer[client.Person]

// admin is the administrator that the platform was started with. Specs that restart things may have let the access
// token age; it is renewed by signing in again.
func admin() *client.Person {
	GinkgoHelper()

	if p := theAdmin.Load(); p != nil && p.Get("/api/users/me").Status == 200 {
		return p
	}

	c := stranger()
	a := c.Login(platform.AdminEmail, platform.AdminPassword)
	session := read[client.Session](a, 200)
	p := &client.Person{
		Client:   c.With(session.AccessToken),
		Email:    platform.AdminEmail,
		Password: platform.AdminPassword,
		Session:  session,
	}
	theAdmin.Store(p)

	return p
}

// read decodes an answer that must have the given status.
func read[T any](a client.Answer, status int) T {
	GinkgoHelper()

	value, err := client.Decode[T](a, status)
	Expect(err).NotTo(HaveOccurred())

	return value
}
