package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	bookinghttp "github.com/shema-music/shema/services/contracts/booking/http"
	chathttp "github.com/shema-music/shema/services/contracts/chat/http"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/request"
)

// example writes a path with something for its parameters.
func example(path string) string {
	path = strings.NewReplacer("{file}", "start.js").Replace(path)
	for strings.Contains(path, "{") {
		open, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:open] + "0190d0c0-0000-7000-8000-000000000001" + path[end+1:]
	}

	return path
}

// Every operation of every service is reachable if and only if it is public.
func TestGateway_Routes_PublicOperations(t *testing.T) {
	w := newTestGateway(t)

	documents := map[string]func() (*openapi3.T, error){
		apps.Auth: authhttp.GetSpec, apps.User: userhttp.GetSpec,
		apps.Course: coursehttp.GetSpec, apps.Booking: bookinghttp.GetSpec,
		apps.Recommendation: recommendationhttp.GetSpec, apps.Chat: chathttp.GetSpec,
	}
	for appID, read := range documents {
		document, err := read()
		w.Expect(err).NotTo(HaveOccurred())

		for path, item := range document.Paths.Map() {
			for method, operation := range item.Operations() {
				t.Run(operation.OperationID, func(t *testing.T) {
					g := NewWithT(t)

					role := auth.Admin
					if strings.HasSuffix(path, "/create") || strings.HasSuffix(path, "/generate") {
						role = auth.Student
					}

					got := w.do(method, example(path), bearer(w.token(role)))

					reached := w.sidecar.taken()
					if operation.Extensions["x-internal"] == true {
						g.Expect(got.StatusCode).To(Equal(http.StatusNotFound))
						g.Expect(got.refused().Code).To(Equal("NOT_FOUND"))
						g.Expect(reached).To(BeEmpty())

						return
					}

					g.Expect(got.StatusCode).To(Equal(http.StatusOK))
					g.Expect(reached).To(HaveLen(1))
					g.Expect(reached[0].Header.Get("Dapr-App-Id")).To(Equal(appID))
					g.Expect(reached[0].Method).To(Equal(method))
					g.Expect(reached[0].URL.Path).To(Equal(example(path)))
				})
			}
		}
	}
}

// What is not in the bundle does not exist.
func TestGateway_Routes_Unknown(t *testing.T) {
	w := newTestGateway(t)

	cases := []struct {
		reason, method, target string
		status                 int
		code, allow            string
	}{
		{"an unknown path", "GET", "/api/nothing", 404, "NOT_FOUND", ""},
		{"the root", "GET", "/", 404, "NOT_FOUND", ""},
		{"a slash more is another path", "GET", "/api/courses/", 404, "NOT_FOUND", ""},
		{"two slashes", "GET", "//api/courses", 404, "NOT_FOUND", ""},
		{"another case", "GET", "/API/courses", 404, "NOT_FOUND", ""},
		{"an internal path", "POST", "/internal/reservations", 404, "NOT_FOUND", ""},
		{"Dapr's own paths", "GET", "/v1.0/healthz", 404, "NOT_FOUND", ""},
		{"where events arrive", "POST", "/dapr/events/catalog.changed", 404, "NOT_FOUND", ""},
		{"with another method too", "GET", "/dapr/events/catalog.changed", 404, "NOT_FOUND", ""},
		{"metrics have a port of their own", "GET", "/metrics", 404, "NOT_FOUND", ""},
		{"another method", "DELETE", "/api/courses", 405, "METHOD_NOT_ALLOWED", "GET, HEAD"},
		{"another method of a secured path", "PUT", "/api/bookings/create", 405, "METHOD_NOT_ALLOWED", "POST"},
		{"a word is not an id", "GET", "/api/bookings/create", 405, "METHOD_NOT_ALLOWED", "POST"},
		{"a word is not an id, for others too", "PATCH", "/api/users/stats", 405, "METHOD_NOT_ALLOWED", "GET, HEAD"},
		{"OPTIONS that is no preflight", "OPTIONS", "/api/users/me", 405, "METHOD_NOT_ALLOWED", "DELETE, GET, HEAD, PATCH"},
		{"an invented method", "BREW", "/api/courses", 405, "METHOD_NOT_ALLOWED", "GET, HEAD"},
		{"an encoded slash", "GET", "/api/courses/a%2Fb", 404, "NOT_FOUND", ""},
		{"an encoded slash that leads inside", "GET", "/api/courses/..%2F..%2Finternal%2Fcatalog", 404, "NOT_FOUND", ""},
		{"an encoded backslash", "GET", "/api/courses/a%5cb", 404, "NOT_FOUND", ""},
		{"a backslash", "GET", `/api/courses/a\b`, 404, "NOT_FOUND", ""},
		{"dot segments", "GET", "/api/courses/../../internal/catalog/lookup", 404, "NOT_FOUND", ""},
		{"encoded dot segments", "GET", "/api/courses/%2e%2e", 404, "NOT_FOUND", ""},
		{"one dot", "GET", "/api/courses/.", 404, "NOT_FOUND", ""},
		{"a null byte", "GET", "/api/courses/a%00", 404, "NOT_FOUND", ""},
		{"an encoded percent sign stays one", "GET", "/api/courses/a%252Fb", 404, "NOT_FOUND", ""},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			got := w.do(c.method, c.target, header{"Origin": page})
			g.Expect(got.StatusCode).To(Equal(c.status))
			g.Expect(got.refused().Code).To(Equal(c.code))
			g.Expect(got.Header.Get("Allow")).To(Equal(c.allow))
			g.Expect(got.Header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
			g.Expect(got.Header.Get(request.HeaderID)).NotTo(BeEmpty())
			g.Expect(got.Header.Get("Access-Control-Allow-Origin")).To(Equal(page), "pages can read errors too")
			g.Expect(w.sidecar.taken()).To(BeEmpty())
		})
	}
}
