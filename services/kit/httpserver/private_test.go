package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/errs"
	"github.com/shema-music/shema/services/kit/httpserver"
)

const privateSpec = `
openapi: 3.1.0
info: {title: Private, version: "1"}
paths:
  /api/own:
    get: {operationId: own, x-cache: {scope: private}, responses: {'200': {description: ok}}}
  /api/other:
    get: {operationId: other, responses: {'200': {description: ok}}}
`

func TestServer_PrivateAnswers(t *testing.T) {
	body, failure := "first", error(nil)
	handler := func(c *gin.Context) {
		switch {
		case body == "panic":
			panic(body)
		case failure != nil:
			httpserver.Fail(c, failure)
		default:
			c.String(http.StatusOK, body)
		}
	}
	document, err := openapi3.NewLoader().LoadFromData([]byte(privateSpec))
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())

	f := newFixture(t, func(o *httpserver.Options) { o.Spec = document })
	f.server.Engine().GET("/api/own", handler)
	f.server.Engine().GET("/api/other", handler)

	get := func(path, ifNoneMatch string) answer {
		return f.do(t, call{method: http.MethodGet, path: path, header: map[string]string{"If-None-Match": ifNoneMatch}})
	}

	first := get("/api/own", "")
	tag := first.Header().Get("ETag")
	g.Expect(first.Body.String()).To(Equal("first"))
	g.Expect(first.Header().Get("Cache-Control")).To(Equal("private, no-cache"))
	g.Expect(tag).NotTo(BeEmpty())

	for _, known := range []string{tag, "W/" + tag, `"x", ` + tag} {
		again := get("/api/own", known)
		g.Expect(again.ResponseRecorder.Code).To(Equal(http.StatusNotModified), known)
		g.Expect(again.Body.Len()).To(BeZero(), known)
		g.Expect(again.Header()).To(And(HaveKeyWithValue("Etag", []string{tag}), Not(HaveKey("Content-Type"))), known)
	}

	body = "second"
	changed := get("/api/own", tag)
	g.Expect(changed.ResponseRecorder.Code).To(Equal(http.StatusOK))
	g.Expect(changed.Header().Get("ETag")).NotTo(Equal(tag))
	g.Expect(get("/api/other", "").Header()).NotTo(HaveKey("Etag"), "what the document does not say has no tag")

	failure = errs.NotFound
	refused := get("/api/own", "*")
	g.Expect(refused.Code).To(Equal("NOT_FOUND"))
	g.Expect(refused.Header()).NotTo(HaveKey("Etag"), "refusals are not kept")

	body = "panic"

	g.Expect(get("/api/own", "").Body.String()).To(ContainSubstring("INTERNAL"))
}
