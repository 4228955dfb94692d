package security_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/insider"
)

// promised is who may call what, as the contract's tables say: "" is anyone, "signed in" is every person with a session.
var promised = map[string]string{
	"POST /api/auth/register": "", "POST /api/auth/login": "", "POST /api/auth/refresh": "",
	"GET /api/auth/.well-known/jwks.json": "",
	"POST /api/auth/logout":               "signed in", "POST /api/auth/logout-all": "signed in",
	"GET /api/auth/sessions": "signed in", "DELETE /api/auth/sessions/{id}": "signed in", "POST /api/auth/password": "signed in",
	"GET /api/users/me": "signed in", "PATCH /api/users/me": "signed in",
	"GET /api/users": "admin", "GET /api/users/{id}": "admin", "PATCH /api/users/{id}": "admin", "GET /api/users/stats": "admin",
	"GET /api/courses": "", "GET /api/courses/{id}": "", "GET /api/courses/stats": "admin",
	"GET /api/schedules/available": "", "GET /api/schedules": "admin teacher",
	"POST /api/bookings/create": "student", "GET /api/bookings": "signed in", "GET /api/bookings/{id}": "signed in",
	"POST /api/bookings/{id}/cancel": "signed in", "GET /api/bookings/pending": "admin", "GET /api/bookings/stats": "admin",
	"POST /api/bookings/{id}/confirm": "admin", "POST /api/bookings/{id}/reject": "admin", "POST /api/bookings/{id}/revoke": "admin",

	"GET /api/users/me/notifications": "signed in", "POST /api/users/me/notifications/{id}/read": "signed in",
	"GET /api/chat/connect": "signed in", "POST /api/chat/ticket": "signed in", "GET /api/chat/sessions/{id}/messages": "signed in",
	"GET /api/chat/active-sessions": "admin", "POST /api/chat/sessions/{id}/close": "admin", "GET /api/chat/stats": "admin",
	"POST /api/recommendations/generate": "student", "GET /api/recommendations/latest": "signed in",
	"GET /api/recommendations": "signed in", "GET /api/admin/dashboard": "admin",

	"POST /api/auth/password/forgot": "", "POST /api/auth/password/reset": "", "POST /api/auth/email/verify": "",
	"POST /api/auth/email": "signed in", "POST /api/auth/email/resend": "signed in", "GET /api/admin/audit": "admin",
	"POST /api/users": "admin", "DELETE /api/users/{id}": "admin", "DELETE /api/users/me": "signed in",
	"GET /api/users/me/export": "signed in", "POST /api/users/me/notifications/read-all": "signed in",
	"POST /api/users/me/calendar": "signed in", "DELETE /api/users/me/calendar": "signed in", "GET /api/calendar/{file}": "",
	"POST /api/bookings/{id}/reschedule": "signed in", "GET /api/lessons": "signed in",
	"PUT /api/lessons/{booking_id}/attendance": "admin teacher", "GET /api/chat/sessions": "signed in",
	"GET /api/admin/reports/bookings": "admin", "GET /api/admin/reports/occupancy": "admin",
}

// credential is one way to come: a token, and either the role that it proves or the refusal that it meets.
type credential struct {
	name, token, role string
	refusal           types.GomegaMatcher
}

// rightful are people with a session, two of each kind so that one can be the other's other.
func rightful() []credential {
	var all []credential
	for _, role := range []string{"student", "teacher", "admin"} {
		for _, name := range []string{role, "other " + role} {
			all = append(all, credential{name: name, token: withRole(role).Token, role: role})
		}
	}

	return all
}

// wrongful are people who have lost their session, and tokens that no service should believe.
func wrongful() []credential {
	p, other := student(), student()
	all := []credential{
		{name: "not signed in", refusal: beRefused(401, "AUTH_MISSING_TOKEN")},
		{name: "suspended", token: suspended().Token, refusal: invalid},
		{name: "signed out", token: signedOut().Token, refusal: invalid},
		{name: "expired", token: expired(p), refusal: beRefused(401, "AUTH_TOKEN_EXPIRED")},
	}

	for name, token := range forgeries(p, other) {
		all = append(all, credential{name: name, token: token, refusal: invalid})
	}

	Expect(p.Get("/api/users/me")).To(succeed(200), "what the forgeries were made of is good")

	return all
}

// suspended is a person whose account an admin has suspended.
func suspended() *client.Person {
	p := student()
	Expect(admin().SetAccess(p.Session.User.ID, map[string]any{"status": "suspended"})).To(succeed(200))
	Eventually(func() client.Answer { return p.Get("/api/users/me") }).Should(invalid)

	return p
}

// signedOut is a person who has ended their session.
func signedOut() *client.Person {
	p := student()
	Expect(p.Logout(p.Session.RefreshToken)).To(succeed(204))
	Eventually(func() client.Answer { return p.Get("/api/users/me") }).Should(invalid)

	return p
}

// expired is a token whose quarter of an hour is over.
func expired(p *client.Person) string {
	token, err := insider.SignAs(platform, p, insider.Issuer, insider.Audience, time.Now().Add(-16*time.Minute))
	Expect(err).NotTo(HaveOccurred())

	return token
}

var _ = Describe("Authorisation", func() {
	It("serves exactly the promised routes for the promised people", func() {
		found := map[string]string{}
		for _, op := range served() {
			if strings.HasPrefix(op.path, "/api/") {
				found[op.name] = op.who()
			}
		}

		Expect(found).To(Equal(promised))
	})

	It("lets people do what their role may, at every operation, and nothing else", func() {
		operations := served()
		for _, who := range rightful() {
			for _, op := range operations {
				if op.name == "POST /api/auth/logout-all" {
					continue // which is the last thing that a person does
				}

				a := op.call(stranger().With(who.token))
				if op.signedIn && !op.admits(who.role) {
					Expect(a).To(forbidden, "%s as %s", op.name, who.name)
				} else {
					Expect(answered(a)).To(BeEmpty(), "%s as %s", op.name, who.name)
				}
			}

			Expect(stranger().With(who.token).Post("/api/auth/logout-all", nil)).To(succeed(204), who.name)
		}
	})

	It("believes no token that is old, ended, made up, changed or meant for others, at any operation", func() {
		credentials := wrongful()
		AddReportEntry("credentials", len(credentials))
		Expect(len(credentials)).To(BeNumerically(">", 50))

		for _, op := range served() {
			for _, who := range credentials {
				a := op.call(stranger().With(who.token))
				if op.signedIn && knownToServices(who.name) {
					Expect(a).To(who.refusal, "%s as %s", op.name, who.name)
				} else if op.signedIn { // the role in the token may be refused before its session
					Expect(a).To(Or(who.refusal, forbidden), "%s as %s", op.name, who.name)
					Expect(op.admits("student") && a.Status == 403).To(BeFalse(), "%s as %s", op.name, who.name)
				} else {
					Expect(answered(a)).To(Or(BeEmpty(), ContainSubstring("AUTH_INVALID")), "%s as %s", op.name, who.name)
				}
			}
		}
	})

	It("takes a token from the header alone, and one scheme", func() {
		p := student()
		for _, header := range []string{"Basic YTpi", p.Token, "Token " + p.Token, "Bearer", "Bearer ", "Digest " + p.Token, "Bearer\t" + p.Token} {
			Expect(stranger().Get("/api/users/me", client.Header("Authorization", header))).To(invalid, header)
		}

		for _, name := range []string{"X-Authorization", "X-Access-Token", "X-User-Id", "X-Role", "X-Service-Token", "Dapr-Caller-App-Id", "Cookie"} {
			Expect(stranger().Get("/api/users/me", client.Header(name, "access_token="+p.Token))).
				To(beRefused(401, "AUTH_MISSING_TOKEN"), name)
		}

		Expect(stranger().Get("/api/users/me?token=" + p.Token).Status).To(BeElementOf(400, 401))
		Expect(stranger().Get("/api/users/me", client.Header("Authorization", "bearer "+p.Token))).To(succeed(200))
	})
})
