package platform_test

import (
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// example returns what the document says a request could have as its body; nil where it has none.
func example(op *openapi3.Operation) any {
	if op.RequestBody == nil {
		return nil
	}

	media := op.RequestBody.Value.Content.Get("application/json")
	for _, e := range media.Examples {
		return e.Value.Value
	}

	return media.Example
}

// filled puts the examples of its parameters into a path.
func filled(path string, parameters openapi3.Parameters) string {
	GinkgoHelper()

	for _, p := range parameters {
		if p.Value.In != openapi3.ParameterInPath {
			continue
		}

		value := p.Value.Example
		if value == nil {
			value = p.Value.Schema.Value.Example
		}

		Expect(value).To(BeAssignableToTypeOf(""), "an example of %s in %s", p.Value.Name, path)
		path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", value.(string))
	}

	return path
}

// mayBeMissing are addresses at which there is something for some people only: no person has the example's calendar, and
// an admin no recommendation.
var mayBeMissing = map[string]bool{"/api/calendar/{file}": true, "/api/recommendations/latest": true}

// attempt sends an operation as a new person of each role, since some operations end what they are tried with.
func attempt(method, path string, parameters openapi3.Parameters, body any) {
	GinkgoHelper()

	for _, p := range []*client.Person{student(), withRole("admin")} {
		a := p.Do(method, filled(path, parameters), body)
		Expect(a.Status).To(BeNumerically("<", http.StatusInternalServerError), "%s %s: %s", method, path, a)
		Expect(a.Code()).NotTo(Or(HavePrefix("VALIDATION_"), Equal("METHOD_NOT_ALLOWED")), "%s %s: %s", method, path, a)

		if !mayBeMissing[path] {
			Expect(a.Code()).NotTo(Equal("NOT_FOUND"), "%s %s: %s", method, path, a)
		}
	}
}

var _ = Describe("The document's examples", func() {
	It("can be sent as they are: every operation takes its own", func() {
		tried := 0

		for path, item := range contract.paths {
			if strings.HasPrefix(path, "/docs") || path == "/api/chat/connect" {
				continue // pages, and a WebSocket
			}

			for method, op := range item.Operations() {
				if method == http.MethodHead {
					continue
				}

				attempt(method, path, append(item.Parameters, op.Parameters...), example(op))

				tried++
			}
		}

		Expect(tried).To(BeNumerically(">=", 60))
	})
})
