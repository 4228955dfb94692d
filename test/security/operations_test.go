package platform_test

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// promised is who may call what, as the contract's tables say: "" is anyone, "signed in" everybody with a session.
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

type operation struct {
	name, method, path string
	signedIn           bool
	roles              []string
}

// served reads the operations of the document that the gateway serves.
func served() []operation {
	GinkgoHelper()

	document, err := openapi3.NewLoader().LoadFromData(stranger().Get("/openapi.yaml").Body)
	Expect(err).NotTo(HaveOccurred())

	var all []operation
	for path, item := range document.Paths.Map() {
		for method, op := range item.Operations() {
			found := operation{name: method + " " + path, method: method, path: path}
			found.signedIn = op.Security != nil && len(*op.Security) > 0

			roles, _ := op.Extensions["x-roles"].([]any)
			for _, role := range roles {
				found.roles = append(found.roles, role.(string))
			}

			slices.Sort(found.roles)
			all = append(all, found)
		}
	}

	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.name, b.name) })

	return all
}

func (o operation) who() string {
	switch {
	case !o.signedIn:
		return ""
	case len(o.roles) == 0:
		return "signed in"
	}

	return strings.Join(o.roles, " ")
}

// call sends a request that changes nothing even where it is allowed: ids nobody has, and no fields.
func (o operation) call(c *client.Client) client.Answer {
	path := strings.NewReplacer("{id}", uuid.NewString(), "{booking_id}", uuid.NewString()).Replace(o.path)
	if o.method == "GET" || o.method == "DELETE" {
		return c.Do(o.method, path, nil)
	}

	return c.Do(o.method, path, client.Raw("{}"))
}

var _ = Describe("Roles", func() {
	It("serves exactly the promised routes for the promised people", func() {
		found := map[string]string{}
		for _, op := range served() {
			if strings.HasPrefix(op.path, "/api/") {
				found[op.name] = op.who()
			}
		}

		Expect(found).To(Equal(promised))
	})

	It("refuses strangers, bad tokens and wrong roles at every route, and lets the right ones through", func() {
		people := map[string]*client.Person{}
		for _, role := range []string{"student", "teacher", "admin"} {
			people[role] = somebody(role)
		}

		for _, op := range served() {
			if !op.signedIn || op.name == "POST /api/auth/logout-all" || op.path == "/api/chat/connect" {
				continue
			}

			Expect(op.call(stranger())).To(beRefused(401, "AUTH_MISSING_TOKEN"), op.name)
			Expect(op.call(stranger().With("no.such.token"))).To(beRefused(401, "AUTH_INVALID_TOKEN"), op.name)

			for role, p := range people {
				if len(op.roles) == 0 || slices.Contains(op.roles, role) {
					Expect(op.call(p.Client).Status).NotTo(BeElementOf(0, 401, 403, 500, 503), "%s as %s", op.name, role)
				} else {
					Expect(op.call(p.Client)).To(beRefused(403, "AUTH_FORBIDDEN"), "%s as %s", op.name, role)
				}
			}
		}

		Expect(stranger().Post("/api/auth/logout-all", nil)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
	})

	It("refuses tokens that were tampered with", func() {
		p := student()
		head, rest, _ := strings.Cut(p.Session.AccessToken, ".")

		claims, signature, _ := strings.Cut(rest, ".")
		for _, forged := range []string{
			"eyJhbGciOiJub25lIn0." + claims + ".", head + "." + claims + ".", head + "." + claims + "." + strings.ToUpper(signature),
			head + "." + strings.Replace(claims, claims[20:24], "AAAA", 1) + "." + signature, p.Session.RefreshToken,
		} {
			Expect(p.With(forged).Get("/api/users/me")).To(invalid)
		}

		Expect(stranger().Get("/api/users/me", client.Header("Authorization", "Basic YTpi"))).To(invalid)
		Expect(p.Get("/api/users/me")).To(succeed(200))
	})
})
