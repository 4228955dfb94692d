package httpserver_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/servertest"
)

const secrets = `
openapi: 3.1.0
info: {title: Test, version: "1"}
paths:
  /api/secrets:
    post:
      operationId: createSecret
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, secret]
              properties: {name: {type: string, minLength: 1}, secret: {type: string}}
      responses: {'200': {description: ok}}
`

// TestServer_AlsoCheck: a service's own rules are asked where the document refuses a body, for fields that it doesn't name.
func TestServer_AlsoCheck(t *testing.T) {
	t.Parallel()

	spec, err := openapi3.NewLoader().LoadFromData([]byte(secrets))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	weak := func(any) []errs.Field { return []errs.Field{{Name: "secret", Message: errs.Text{English: "is weak"}}} }
	h := servertest.NewWith(t, "test-service", servertest.NewKeys(t), httpserver.Options{
		Spec:      spec,
		Log:       slog.New(slog.DiscardHandler),
		AlsoCheck: map[string]func(any) []errs.Field{"createSecret": weak},
	})
	h.Server.Engine().POST("/api/secrets", func(c *gin.Context) { c.Status(http.StatusOK) })

	for body, want := range map[string][]string{
		`{"name":"","secret":"x"}`:  {"name", "secret"},
		`{"name":"","secret":1}`:    {"name", "secret"},
		`{"name":"a","secret":"x"}`: {},
	} {
		r := h.Do(t, servertest.Request{Method: http.MethodPost, Path: "/api/secrets", Body: body})
		NewWithT(t).Expect(r.BadFields()).To(ConsistOf(want), body)
	}
}
