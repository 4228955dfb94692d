package security_test

import (
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/rawhttp"
)

// disguises are ways to write a path so that one reader takes it for that path, and another for one that needs no role.
func disguises(path string) []string {
	rest := strings.TrimPrefix(path, "/api/")
	last := path[strings.LastIndexByte(path, '/')+1:]

	return []string{
		path + "/", path + "//", path + "/.", path + "/..", path + "%2f", path + "%00", path + "%20", path + ";a=b", path + ".json", path + "?", path + "#x",
		"/" + path, "//api/" + rest, "/api//" + rest, "/api/./" + rest, "/api/x/../" + rest, "/api/courses/../" + rest, "/api/courses/..;/" + rest,
		"/api/courses/%2e%2e/" + rest, "/api/courses/..%2f" + rest, "/api/courses/..%5c" + rest, "/api/courses/..\\" + rest,
		"/API/" + rest, "/api/" + strings.ToUpper(rest), "/Api/" + rest, "/%61pi/" + rest, "/api%2f" + rest, "/api/" + strings.ReplaceAll(rest, "/", "%2F"),
		strings.TrimSuffix(path, last) + "%" + hexOf(last[0]) + last[1:], "/docs/.." + path, "/docs/..%2f.." + path, "/healthz/.." + path,
	}
}

func hexOf(letter byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[letter>>4], digits[letter&15]})
}

// overrides are headers by which some servers take a request for another than it is.
var overrides = map[string]string{
	"X-Original-URL": "/api/users", "X-Rewrite-URL": "/api/users", "X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE",
	"X-Forwarded-Prefix": "/api/users", "X-Forwarded-Uri": "/api/users", "Dapr-App-Id": "user-service", "Dapr-Api-Token": "guess",
	"Dapr-Caller-App-Id": "api-gateway", "X-Service-Token": "guess", "X-User-Id": "1", "X-Role": "admin", "X-Client-Ip": "127.0.0.1",
	"X-Real-Ip": "127.0.0.1", "Forwarded": "for=127.0.0.1;host=evil.example", "X-Forwarded-Host": "evil.example", "Connection": "Authorization",
}

var _ = Describe("Paths and headers", func() {
	It("lead no student to what is an admin's, however they are written", func() {
		p := student()
		bearer := "\r\nAuthorization: Bearer " + p.Token

		for _, op := range served() {
			if op.who() != "admin" || op.method != "GET" || parameter.MatchString(op.path) {
				continue
			}

			for _, path := range disguises(op.path) {
				if strings.ContainsAny(path, "#") {
					path = strings.ReplaceAll(path, "#", "%23")
				}

				a := rawhttp.Send(platform.Gateway, complete("GET "+path+" HTTP/1.1"+bearer+"\r\n"))
				Expect(a.Status).To(BeElementOf(400, 403, 404, 405), "%s as %s: %s", op.path, path, a)
			}
		}
	})

	It("make a request no other than it is", func() {
		p := student()
		for name, value := range overrides {
			a := p.Get("/api/users/me", client.Header(name, value))
			Expect(a.Status).To(BeElementOf(200, 400, 401), "%s: %s", name, a)

			if a.OK() {
				Expect(read[client.User](a, 200).ID).To(Equal(p.Session.User.ID), name)
			}

			Expect(p.Get("/api/users", client.Header(name, value))).To(forbidden, name)
			Expect(stranger().Get("/api/users", client.Header(name, value)).Status).To(Equal(401), name)
		}

		Expect(p.Get("/api/users/me")).To(succeed(200), "and the person is not deleted")
	})

	It("poison no answer that others are shown", func() {
		const evil = "evil.example"

		for _, path := range []string{"/api/courses", "/api/courses?limit=7", "/openapi.json", "/"} {
			rawhttp.Send(platform.Gateway, "GET "+path+" HTTP/1.1\r\nHost: "+evil+"\r\nX-Forwarded-Host: "+evil+"\r\nX-Forwarded-Proto: gopher\r\nOrigin: https://"+evil+
				"\r\nConnection: close\r\n\r\n")

			a := stranger().Get(path)
			Expect(string(a.Body)).NotTo(ContainSubstring(evil), path)
			Expect(a.Header).NotTo(HaveKey("Access-Control-Allow-Origin"), path)
		}
	})

	It("put no other host into mails", func() {
		p := student()
		Expect(stranger().Post("/api/auth/password/forgot", map[string]any{"email": p.Email}, func(r *http.Request) { r.Host = "evil.example" },
			client.Header("X-Forwarded-Host", "evil.example"))).To(succeed(202))

		Eventually(func(g Gomega) {
			mails, err := client.Mails(platform.MailURL(), p.Email)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(mails).To(ContainElement(HaveField("Body", ContainSubstring("/reset?"))))

			for _, mail := range mails {
				g.Expect(mail.Body).NotTo(ContainSubstring("evil.example"))
			}
		}).Should(Succeed())
	})

	It("do not split answers or logs", func() {
		for _, id := range []string{"a\r\nX-Evil: 1", "a\nb", strings.Repeat("x", 5000), "a\tb", "<script>", "a b", "{}"} {
			a := rawhttp.Send(platform.Gateway, "GET /api/courses HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: "+id+"\r\n\r\n")
			Expect(a.Status).To(BeElementOf(200, 400), "%q", id)
			Expect(a.Header).NotTo(HaveKey("X-Evil"), "%q", id)
		}
	})

	It("say of what is twice that it is wrong, or take the first alone", func() {
		p := student()
		twice := "Authorization: Bearer " + p.Token + "\r\nAuthorization: Bearer " + admin().Token + "\r\n"
		a := rawhttp.Send(platform.Gateway, complete("GET /api/users HTTP/1.1\r\n"+twice))
		Expect(a.Status).To(BeElementOf(400, 401, 403), a.String())
	})
})
