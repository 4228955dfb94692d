package e2e_test

import (
	"net/http"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// asset is a script's or a style's address in a page.
var asset = regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`)

var _ = Describe("The website", func() {
	It("is served on the API's own host, deep links too", func() {
		html := client.Header("Accept", "text/html")

		var home string
		for _, page := range []string{"/", "/courses/piano-pemula", "/login", "/admin/people", "/chat"} {
			a := stranger().Get(page, html)
			Expect(a).To(succeed(http.StatusOK), page)
			Expect(a.Header.Get("Content-Type")).To(HavePrefix("text/html"), page)
			Expect(a.Header.Get("Content-Security-Policy")).NotTo(Or(BeEmpty(), ContainSubstring("unsafe")), page)

			home = string(a.Body)
		}

		assets := asset.FindAllStringSubmatch(home, -1)
		Expect(assets).NotTo(BeEmpty())

		for _, found := range assets {
			a := stranger().Get(found[1])
			Expect(a).To(succeed(http.StatusOK), found[1])
			Expect(a.Header.Get("Cache-Control")).To(ContainSubstring("immutable"), found[1])
		}
	})

	It("leaves the API and its documents to the gateway, and refuses what neither has", func() {
		Expect(stranger().Get("/openapi.json").Header.Get("Content-Type")).To(ContainSubstring("json"))
		Expect(stranger().Get("/asyncapi.yaml")).To(succeed(http.StatusOK))
		Expect(stranger().Get("/api/courses").Header.Get("ETag")).NotTo(BeEmpty())
		Expect(stranger().Get("/api/nothing", client.Header("Accept", "application/json"))).To(beRefused(404, "NOT_FOUND"))

		a := stranger().Get("/nothing-of-ours", client.Header("Accept", "application/json"))
		Expect(a).To(beRefused(404, "NOT_FOUND"))
		Expect(strings.TrimSpace(string(a.Body))).To(HavePrefix("{"))
	})
})
