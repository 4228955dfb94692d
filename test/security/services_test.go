package security_test

import (
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/insider"
	"github.com/shema-music/shema/test/internal/people"
)

// behind are the services that stand behind the gateway, by app id.
func behind() []string {
	var all []string
	for _, app := range apps.All() {
		if specs[app.ID] != nil {
			all = append(all, app.ID)
		}
	}

	return all
}

// at asks a service past the gateway and both sidecars.
func at(app string) *client.Client {
	return client.New(platform.ServiceURL(apps.Get(app).Name), "", people.Transport)
}

// sidecar makes a request look as if the app's own sidecar had sent it.
func sidecar(app string) client.Option { return insider.FromSidecar(platform, app) }

// from adds the token of a caller for a callee.
func from(caller, callee string) client.Option {
	GinkgoHelper()

	token, err := insider.ServiceToken(platform, caller, callee)
	Expect(err).NotTo(HaveOccurred())

	return client.Header("X-Service-Token", token)
}

// everyApp are the ids of all apps that can call others.
func everyApp() []string {
	var all []string
	for _, app := range apps.All() {
		if app.ID != "" {
			all = append(all, app.ID)
		}
	}

	return all
}

// forgedService are tokens by which no caller is a service of ours, by what is wrong with them.
func forgedService(caller, callee string) map[string]string {
	good, err := insider.ServiceToken(platform, caller, callee)
	Expect(err).NotTo(HaveOccurred())

	j := open(good)
	secret := []byte(platform.Secrets().ServiceJWTSecret)
	saying := func(change map[string]any) jot { return jot{header: j.header, claims: with(j.claims, change)} }

	all := map[string]string{
		"nothing":                "",
		"alg none":               jot{header: map[string]any{"alg": "none"}, claims: j.claims}.String(),
		"another secret":         j.mac("HS256", []byte(strings.Repeat("x", 40))),
		"no secret":              j.mac("HS256", nil),
		"HS512":                  j.mac("HS512", secret),
		"another algorithm":      j.named(map[string]any{"alg": "EdDSA"}).String(),
		"no signature":           jot{header: j.header, claims: j.claims}.String(),
		"changed claims":         j.saying(map[string]any{"iss": apps.Auth, "more": true}),
		"old":                    saying(map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}).mac("HS256", secret),
		"no end":                 saying(map[string]any{"exp": nil}).mac("HS256", secret),
		"no audience":            saying(map[string]any{"aud": nil}).mac("HS256", secret),
		"no issuer":              saying(map[string]any{"iss": nil}).mac("HS256", secret),
		"an unknown issuer":      saying(map[string]any{"iss": "evil-service"}).mac("HS256", secret),
		"unused bits":            good[:len(good)-1] + otherBits(good)[len(good)-1:],
		"half of it":             good[:len(good)/2],
		"the callee's app token": platform.Secrets().AppTokens[callee],
	}

	for _, other := range everyApp() {
		if other != callee {
			token, err := insider.ServiceToken(platform, caller, other)
			Expect(err).NotTo(HaveOccurred())

			all["meant for "+other] = token
		}
	}

	return all
}

var _ = Describe("Services", func() {
	It("let in no caller but their own sidecar, with a caller whom the operation names", func() {
		for _, callee := range behind() {
			for _, op := range ofService(callee) {
				if op.webSocket {
					continue // which comes past the sidecar
				}

				c, name := at(callee), callee+": "+op.name
				Expect(op.call(c)).To(forbidden, name)
				Expect(op.call(c, from(op.callers[0], callee))).To(forbidden, "%s without a sidecar", name)
				Expect(op.call(c, sidecar(callee))).To(forbidden, "%s without a caller", name)

				for _, other := range everyApp() {
					if other != callee {
						Expect(op.call(c, sidecar(other), from(op.callers[0], callee))).To(forbidden, "%s with the app token of %s", name, other)
					}

					a := op.call(c, sidecar(callee), from(other, callee))
					if !slices.Contains(op.callers, other) {
						Expect(a).To(forbidden, "%s called by %s", name, other)
					} else if op.signedIn {
						Expect(a).To(beRefused(401, "AUTH_MISSING_TOKEN"), "%s called by %s", name, other)
					} else {
						Expect(answered(a)).To(Or(BeEmpty(), ContainSubstring("AUTH_INVALID")), "%s called by %s", name, other)
					}
				}
			}
		}
	})

	It("believe no forged service token", func() {
		for _, callee := range behind() {
			operations := ofService(callee)
			for _, op := range []operation{operations[0], operations[len(operations)-1]} {
				for what, token := range forgedService(op.callers[0], callee) {
					a := op.call(at(callee), sidecar(callee), client.Header("X-Service-Token", token))
					Expect(a).To(forbidden, "%s: %s with %s", callee, op.name, what)
				}
			}
		}
	})

	It("check people again, whichever service calls", func() {
		credentials := wrongful()
		people := map[string]*client.Person{"student": withRole("student"), "teacher": withRole("teacher"), "admin": withRole("admin")}

		for _, callee := range behind() {
			for _, op := range ofService(callee) {
				if op.signedIn && !op.webSocket {
					expectCheckedAgain(callee, op, credentials, people)
				}
			}
		}
	})

	It("show every caller that they live, and nothing else", func() {
		for _, app := range append(behind(), apps.Gateway) {
			Expect(at(app).Get("/healthz")).To(succeed(200))
			Expect(at(app).Get("/readyz")).To(succeed(200))

			for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/vars", "/openapi.yaml/..", "/.env", "/dapr/config"} {
				Expect(at(app).Get(path)).To(notFound, "%s%s", app, path)
			}
		}
	})
})

// expectCheckedAgain asks a service as the gateway would for people whom the gateway should not have let through. That a
// session has ended, the gateway alone knows.
func expectCheckedAgain(callee string, op operation, credentials []credential, people map[string]*client.Person) {
	GinkgoHelper()

	asGateway := []client.Option{sidecar(callee), from(op.callers[0], callee)}
	if op.name == "POST /api/auth/logout-all" {
		return
	}

	for _, who := range credentials {
		if !knownToServices(who.name) {
			continue
		}

		Expect(op.call(at(callee).With(who.token), asGateway...)).To(who.refusal, "%s: %s as %s", callee, op.name, who.name)
	}

	for role, p := range people {
		a := op.call(at(callee).With(p.Token), asGateway...)
		if op.admits(role) {
			Expect(answered(a)).To(BeEmpty(), "%s: %s as %s", callee, op.name, role)
		} else {
			Expect(a).To(forbidden, "%s: %s as %s", callee, op.name, role)
		}
	}
}

// knownToServices tells whether a token alone shows what is wrong with it, without the store of sessions.
func knownToServices(name string) bool {
	for _, session := range []string{"suspended", "signed out", "a session that never was", "another person's", ", the empty subject"} {
		if strings.Contains(name, session) {
			return false
		}
	}

	return true
}
