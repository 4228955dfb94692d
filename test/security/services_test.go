package platform_test

import (
	"net/http"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/test/internal/client"
)

// clockAt is a clock that stands still.
type clockAt time.Time

// Now returns the one time that there is.
func (c clockAt) Now() time.Time { return time.Time(c) }

// forged signs a token for somebody's real session with the platform's own key, at another time or for others.
func forged(p *client.Person, issuer, audience string, at time.Time) string {
	GinkgoHelper()

	signer, err := auth.NewSigner(filepath.Join(platform.Dir, "secrets", "jwt.pem"), issuer, audience, clockAt(at))
	Expect(err).NotTo(HaveOccurred())

	list := read[client.Page[client.OpenSession]](p.Get("/api/auth/sessions"), 200)
	token, err := signer.Sign(auth.Principal{
		UserID:    uuid.MustParse(p.Session.User.ID),
		SessionID: uuid.MustParse(list.Items[0].ID),
		Role:      auth.Role(p.Session.User.Role),
	})
	Expect(err).NotTo(HaveOccurred())

	return token
}

var _ = Describe("Tokens", func() {
	It("end after fifteen minutes, and are good for this platform only", func() {
		p, now := student(), time.Now()
		try := func(issuer, audience string, at time.Time) client.Answer {
			return p.With(forged(p, issuer, audience, at)).Get("/api/users/me")
		}
		Expect(try("shema-auth", "shema", now)).To(succeed(200))
		Expect(try("shema-auth", "shema", now.Add(-14*time.Minute))).To(succeed(200))
		Expect(try("shema-auth", "shema", now.Add(-16*time.Minute))).To(beRefused(401, "AUTH_TOKEN_EXPIRED"))
		Expect(try("somebody", "shema", now)).To(invalid)
		Expect(try("shema-auth", "something", now)).To(invalid)
	})

	It("are refused when their session never was, though the signature is right", func() {
		p := student()
		signer, err := auth.NewSigner(filepath.Join(platform.Dir, "secrets", "jwt.pem"), "shema-auth", "shema", clock.System{})
		Expect(err).NotTo(HaveOccurred())

		token, err := signer.Sign(auth.Principal{
			UserID:    uuid.MustParse(p.Session.User.ID),
			SessionID: uuid.New(),
			Role:      auth.Admin,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(p.With(token).Get("/api/users/stats")).To(invalid)
	})
})

var _ = Describe("Services", func() {
	// call asks a service past the gateway and both sidecars.
	call := func(service, method, path string, options ...client.Option) client.Answer {
		c := client.New(platform.ServiceURL(service), "", transport)
		if method == http.MethodGet {
			return c.Do(method, path, nil, options...)
		}

		return c.Do(method, path, client.Raw("{}"), options...)
	}
	sidecar := func(app string) client.Option {
		return client.Header("dapr-api-token", platform.Secrets().AppTokens[app])
	}
	from := func(caller, callee string) client.Option {
		tokens, err := auth.NewServiceTokens(platform.Secrets().ServiceJWTSecret, caller, clock.System{})
		Expect(err).NotTo(HaveOccurred())

		token, err := tokens.Mint(callee)
		Expect(err).NotTo(HaveOccurred())

		return client.Header("X-Service-Token", token)
	}
	forbidden := beRefused(403, "AUTH_FORBIDDEN")

	It("let in nobody but their own sidecar with a caller whom the operation names", func() {
		Expect(call("course", "GET", "/api/courses")).To(forbidden)
		Expect(call("course", "GET", "/api/courses", from(apps.Gateway, apps.Course))).To(forbidden)
		Expect(call("course", "GET", "/api/courses", sidecar(apps.Course))).To(forbidden)
		Expect(call("course", "GET", "/api/courses", sidecar(apps.Booking), from(apps.Gateway, apps.Course))).To(forbidden)
		Expect(call("course", "GET", "/api/courses", sidecar(apps.Course), from(apps.Gateway, apps.User))).To(forbidden)
		Expect(call("course", "GET", "/api/courses", sidecar(apps.Course), from(apps.Gateway, apps.Course))).To(succeed(200))

		Expect(call("course", "POST", "/internal/reservations", sidecar(apps.Course), from(apps.Gateway, apps.Course))).To(forbidden)
		Expect(call("course", "POST", "/internal/reservations", sidecar(apps.Course), from(apps.Booking, apps.Course))).
			To(beRefused(400, "VALIDATION_FAILED"))
		Expect(call("user", "POST", "/internal/accounts/lookup", sidecar(apps.User), from(apps.Booking, apps.User))).To(forbidden)
	})

	It("take events and timers from their sidecar only", func() {
		for service, path := range map[string]string{
			"course": "/dapr/events/booking.cancelled", "booking": "/dapr/bindings/booking-expiry-sweep",
			"auth": "/dapr/events/user.access_changed", "user": "/dapr/dead-letters",
		} {
			Expect(call(service, "POST", path)).To(forbidden, path)
			Expect(call(service, "POST", path, client.Header("dapr-api-token", "guess"))).To(forbidden, path)
		}
	})

	It("show everybody that they live, and nothing else", func() {
		for _, service := range []string{"auth", "user", "course", "booking"} {
			Expect(call(service, "GET", "/healthz")).To(succeed(200))
			Expect(call(service, "GET", "/readyz")).To(succeed(200))
			Expect(call(service, "GET", "/metrics")).To(beRefused(404, "NOT_FOUND"))
		}
	})

	It("are not reached through a sidecar without its token", func() {
		c := client.New(platform.SidecarURL("gateway"), "", transport)
		Expect(c.Get("/v1.0/invoke/course-service/method/api/courses").Status).To(Equal(401))
		Expect(c.Get("/api/courses", client.Header("dapr-app-id", apps.Course)).Status).To(Equal(401))

		asGateway := client.Header("dapr-api-token", platform.Secrets().DaprTokens[apps.Gateway])
		Expect(c.Get("/api/courses", client.Header("dapr-app-id", apps.Course), asGateway)).To(forbidden)
	})
})
