package platform_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("The gateway", func() {
	It("passes the longest address and headers that it takes", func() {
		long := client.Header("Accept", strings.Repeat("a", 4500))
		Expect(student().Get("/api/bookings?cursor="+strings.Repeat("a", 7900), long)).To(beRefused(400, "VALIDATION_FAILED"))
	})

	DescribeTable("refuses parameters that the operation does not have", func(path string, fields ...string) {
		a := admin().Get(path)
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))

		for _, field := range fields {
			Expect(a.Fields()).To(HaveKey(field))
		}
	},
		Entry("a cached list", "/api/courses?limitt=5", "limitt"),
		Entry("several", "/api/schedules/available?user=1&other=2", "user", "other"),
		Entry("a private list", "/api/recommendations?user_id=1", "user_id"),
		Entry("an operation without any", "/api/users/me?id=1", "id"),
	)

	It("answers HEAD wherever it answers GET", func() {
		for _, path := range []string{
			"/api/courses", "/api/schedules/available", "/api/users/me", "/api/bookings", "/api/admin/dashboard", "/openapi.json",
			"/asyncapi.yaml", "/docs", "/healthz", "/readyz", "/api/auth/.well-known/jwks.json",
		} {
			a := admin().Do("HEAD", path, nil)
			Expect(a.Status).To(Equal(200), path)
			Expect(a.Body).To(BeEmpty())
		}

		Expect(stranger().Do("HEAD", "/api/users/me", nil).Status).To(Equal(401))
		Expect(student().Do("HEAD", "/api/users", nil).Status).To(Equal(403))
	})

	It("compresses JSON of a kibibyte and more for those who accept it", func() {
		zip := client.Header("Accept-Encoding", "gzip")

		a := stranger().Get("/api/schedules/available?limit=100", zip)
		plain := stranger().Get("/api/schedules/available?limit=100")
		Expect(len(plain.Body)).To(BeNumerically(">", 1<<10))
		Expect(a.Header.Get("Content-Encoding")).To(Equal("gzip"))
		Expect(a.Header.Values("Vary")).To(ContainElement(ContainSubstring("Accept-Encoding")))

		reader, err := gzip.NewReader(bytes.NewReader(a.Body))
		Expect(err).NotTo(HaveOccurred())
		Expect(io.ReadAll(reader)).To(MatchJSON(plain.Body))

		Expect(stranger().Get("/api/schedules/available?limit=100", zip, client.Header("If-None-Match", a.Header.Get("ETag"))).Status).
			To(Equal(304))
		Expect(admin().Get("/api/admin/dashboard", zip).Status).To(Equal(200))
	})

	It("lets the key set be kept for five minutes", func() {
		a := stranger().Get("/api/auth/.well-known/jwks.json")
		Expect(a).To(succeed(200))
		Expect(a.Header.Get("Cache-Control")).To(ContainSubstring("max-age=300"))
		Expect(stranger().Get("/api/auth/.well-known/jwks.json", client.Header("If-None-Match", a.Header.Get("ETag"))).Status).To(Equal(304))
	})

	It("lets pages on the list see the real 404 and 405", func() {
		for _, path := range []string{"/api/nothing", "/api/courses", "/api/bookings/create", "/"} {
			a := stranger().Do("OPTIONS", path, nil, client.Header("Origin", "http://localhost:5173"),
				client.Header("Access-Control-Request-Method", "DELETE"),
				client.Header("Access-Control-Request-Headers", "baggage,sentry-trace,x-requested-with,cache-control"))
			Expect(a.Status).To(Equal(204), path)
			Expect(a.Header.Get("Access-Control-Allow-Methods")).To(ContainSubstring("DELETE"))

			for _, name := range []string{"baggage", "sentry-trace", "x-requested-with", "cache-control"} {
				Expect(strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))).To(ContainSubstring(name))
			}
		}
	})

	It("refuses the refresh token's cookie from foreign pages", func() {
		cookie := client.Header("Cookie", "shema_refresh=x")
		for _, origin := range []string{"http://evil.test", "null"} {
			Expect(stranger().Post("/api/auth/refresh", map[string]any{"refresh_token": "x"}, cookie, client.Header("Origin", origin))).
				To(beRefused(403, "AUTH_FORBIDDEN"))
		}

		for _, origin := range []string{"http://localhost:5173", platform.Gateway} {
			Expect(stranger().Post("/api/auth/refresh", map[string]any{"refresh_token": "x"}, cookie, client.Header("Origin", origin))).
				To(beRefused(401, "AUTH_INVALID_REFRESH_TOKEN"))
		}
	})

	It("shows a Course that is called like an operation", func() {
		Expect(stranger().Get("/api/courses/stats")).To(beRefused(401, "AUTH_MISSING_TOKEN"))

		named := catalogue.Course("stats")
		Expect(platform.Catalogue.Create(context.Background(), named)).To(Succeed())
		DeferCleanup(func() {
			Expect(platform.Catalogue.Delete(context.Background(), named)).To(Succeed())
			Eventually(unheld("/api/courses/stats")).Should(HaveField("Code", "AUTH_MISSING_TOKEN"), "other specs find the operation again")
		})
		Eventually(unheld("/api/courses/stats")).Should(HaveField("Name", "stats"))
		Expect(read[struct{ Count int }](admin().Get("/api/courses/stats"), 200).Count).To(BeNumerically(">", 0))
	})

	It("serves its documents compressed and in JSON", func() {
		a := stranger().Get("/openapi.json", client.Header("Accept-Encoding", "gzip"))
		Expect(a.Header.Get("Content-Encoding")).To(Equal("gzip"))

		document := read[map[string]any](stranger().Get("/openapi.json"), 200)
		Expect(document).To(HaveKeyWithValue("openapi", HavePrefix("3.1")))
		Expect(string(stranger().Get("/asyncapi.yaml").Body)).To(MatchRegexp(`(?m)^asyncapi: '?3`))
	})
})

// titled is what is looked at in an answer that is either a course or a refusal.
type titled struct{ Name, Code string }

// unheld asks for something without a token; the answer is not held against the document, which says what admins are
// answered there.
func unheld(path string) func() (titled, error) {
	return func() (found titled, err error) {
		response, err := http.Get(platform.Gateway + path)
		if err != nil {
			return found, err
		}

		defer response.Body.Close()

		return found, json.NewDecoder(response.Body).Decode(&found)
	}
}
