package platform_test

import (
	"net/http"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/people"
)

const password = people.Password

var (
	transport = people.Transport
	crowd     = &people.Crowd{Observe: observe}
)

// observe sees every answer that people get.
func observe(r *http.Request, a client.Answer) {
	conventions.check(r, a)
	platform.Shown.Observe(r, a)
}

func stranger() *client.Client                   { return crowd.Stranger() }
func strangerAt(address string) *client.Client   { return crowd.StrangerAt(address) }
func freshEmail() string                         { return crowd.FreshEmail() }
func student() *client.Person                    { return crowd.Student() }
func students(count int) []*client.Person        { return crowd.Students(count) }
func again(p *client.Person) *client.Person      { return crowd.Again(p) }
func withRole(role string) *client.Person        { return crowd.WithRole(role) }
func admin() *client.Person                      { return crowd.Admin() }
func read[T any](a client.Answer, status int) T  { return people.Read[T](a, status) }
func together[T any](n int, f func(i int) T) []T { return people.Together(n, f) }

// signedIn is the person whose session an answer brings.
func signedIn(c *client.Client, email string, a client.Answer, status int) *client.Person {
	return people.SignedIn(c, email, password, a, status)
}
