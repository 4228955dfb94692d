package httpserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/servertest"
)

const (
	appToken = "app-token"
	secret   = "a-secret-of-at-least-thirty-two-bytes"
)

const document = `
openapi: 3.1.0
info: {title: Test, version: "1"}
paths:
  /api/things:
    get:
      operationId: listThings
      parameters:
      - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      - {name: course_id, in: query, schema: {type: string, format: uuid}}
      - {name: from, in: query, schema: {type: string, format: date-time}}
      - {name: level, in: query, schema: {type: string, enum: [beginner, advanced]}}
      - {name: ids, in: query, style: form, explode: false, schema: {type: array, minItems: 1, maxItems: 2, items: {type: string, format: uuid}}}
      - {name: Idempotency-Key, in: header, schema: {type: string, maxLength: 5}}
      responses: {'200': {description: ok}}
    post:
      operationId: createThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'200': {description: ok}}
  /api/things/{id}:
    get:
      operationId: getThing
      security: [{bearer: []}]
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {'200': {description: ok}}
    delete:
      operationId: deleteThing
      security: [{bearer: []}]
      x-roles: [admin]
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {'200': {description: ok}}
  /api/things/{id}/reject:
    post:
      operationId: rejectThing
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      requestBody:
        required: false
        content: {application/json: {schema: {type: object, additionalProperties: false, properties: {reason: {type: string, minLength: 1, pattern: '\S'}}}}}
      responses: {'200': {description: ok}}
  /internal/things:
    post:
      operationId: reserveThings
      x-internal: true
      x-callers: [booking-service]
      responses: {'200': {description: ok}}
  /api/panic:
    get: {operationId: panic, responses: {'200': {description: ok}}}
  /api/slow:
    get: {operationId: slow, responses: {'200': {description: ok}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Thing:
      type: object
      required: [email, name, count]
      properties:
        email: {type: string, format: email}
        name: {type: string, minLength: 1, maxLength: 5, pattern: '\S'}
        phone: {type: [string, "null"], pattern: '^[0-9]+$'}
        level: {type: [string, "null"], enum: [beginner, advanced, null]}
        mood: {oneOf: [{type: string, enum: [good, bad]}, {type: "null"}]}
        count: {type: integer, minimum: 1, maximum: 10}
        tags: {type: array, minItems: 1, maxItems: 3, uniqueItems: true, items: {type: string, minLength: 2}}
        inner: {type: object, required: [id], properties: {id: {type: string, format: uuid}, at: {type: string, format: date-time}}}
`

type fixture struct {
	server *httpserver.Server
	signer *auth.Signer
	logs   *bytes.Buffer
}

func spec(t testing.TB) *openapi3.T {
	t.Helper()

	doc, err := openapi3.NewLoader().LoadFromData([]byte(document))
	if err != nil {
		t.Fatalf("load the document: %v", err)
	}

	return doc
}

func newFixture(t testing.TB, change ...func(*httpserver.Options)) *fixture {
	t.Helper()
	keys := servertest.NewKeys(t)

	tokens, err := auth.NewServiceTokens(secret, "thing-service", clock.System{})
	if err != nil {
		t.Fatal(err)
	}

	logs := &bytes.Buffer{}

	options := httpserver.Options{
		Common:        config.Common{AppID: "thing-service", AppAPIToken: appToken, ServiceJWTSecret: secret},
		Spec:          spec(t),
		Log:           slog.New(slog.NewJSONHandler(logs, nil)),
		Verifier:      keys.Verifier,
		ServiceTokens: tokens,
	}
	for _, f := range change {
		f(&options)
	}

	server, err := httpserver.New(options)
	if err != nil {
		t.Fatal(err)
	}

	registerRoutes(server.Engine())

	return &fixture{server: server, signer: keys.Signer, logs: logs}
}

// registerRoutes answers with the body that the handler sees, as generated handlers would read it.
func registerRoutes(e *gin.Engine) {
	echo := func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			httpserver.Fail(c, err)
			return
		}

		c.String(http.StatusOK, string(body))
	}
	e.GET("/api/things", echo)
	e.POST("/api/things", echo)
	e.GET("/api/things/:id", echo)
	e.DELETE("/api/things/:id", echo)
	e.POST("/api/things/:id/reject", echo)
	e.POST("/internal/things", func(c *gin.Context) { c.String(http.StatusOK, auth.CallerFrom(c.Request.Context())) })
	e.GET("/api/panic", func(*gin.Context) { panic("secret detail") })
	e.GET("/api/slow", func(c *gin.Context) {
		<-c.Request.Context().Done()
		httpserver.Fail(c, c.Request.Context().Err())
	})
	e.GET("/api/forgotten", echo)
}

// unsigned is the caller of a call without a service token.
const unsigned = "unsigned"

type call struct {
	method, path, body string
	header             map[string]string
	// caller is the app that calls; empty means the gateway.
	caller string
	role   auth.Role
}

type answer struct {
	*httptest.ResponseRecorder

	Code    string
	Error   string
	Details map[string]any
	Fields  map[string]string
}

func (f *fixture) do(t testing.TB, c call) answer {
	t.Helper()

	r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
	if c.body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	} else {
		r.Header.Set("Content-Type", "application/json")
	}

	f.authorize(t, r, c)

	for name, value := range c.header {
		r.Header.Set(name, value)

		if value == "" {
			r.Header.Del(name)
		}
	}

	w := httptest.NewRecorder()
	f.server.Engine().ServeHTTP(w, r)

	return read(t, w)
}

func (f *fixture) authorize(t testing.TB, r *http.Request, c call) {
	t.Helper()
	r.Header.Set("dapr-api-token", appToken)

	if c.caller == "" {
		c.caller = apps.Gateway
	}

	if c.caller != unsigned {
		tokens, err := auth.NewServiceTokens(secret, c.caller, clock.System{})
		if err != nil {
			t.Fatal(err)
		}

		token, err := tokens.Mint("thing-service")
		if err != nil {
			t.Fatal(err)
		}

		r.Header.Set("X-Service-Token", token)
	}

	if c.role != "" {
		token, err := f.signer.Sign(auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: c.role})
		if err != nil {
			t.Fatal(err)
		}

		r.Header.Set("Authorization", "Bearer "+token)
	}
}

func read(t testing.TB, w *httptest.ResponseRecorder) answer {
	t.Helper()

	a := answer{ResponseRecorder: w, Fields: map[string]string{}}
	if w.Result().StatusCode < http.StatusBadRequest {
		return a
	}

	var body struct {
		Error   string         `json:"error"`
		Code    string         `json:"code"`
		Details map[string]any `json:"details"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("not the error shape: %s", w.Body)
	}

	a.Code, a.Error, a.Details = body.Code, body.Error, body.Details

	fields, _ := body.Details["fields"].([]any)
	for _, field := range fields {
		entry, _ := field.(map[string]any)
		name, _ := entry["field"].(string)

		message, _ := entry["message"].(string)
		if a.Fields[name] != "" {
			message = a.Fields[name] + "; " + message
		}

		a.Fields[name] = message
	}

	return a
}

func logger() *slog.Logger { return slog.New(slog.DiscardHandler) }

func serve(f *fixture, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	f.server.Engine().ServeHTTP(w, r)
	return w.Result()
}

func get(t testing.TB, url string, into io.Writer) error {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}

	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}

	defer func() { _ = response.Body.Close() }()

	if into != nil {
		if _, err := io.Copy(into, response.Body); err != nil {
			return err
		}
	}

	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}

	return nil
}

func freePort(t testing.TB) int {
	t.Helper()

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = listener.Close() }()

	address, _ := listener.Addr().(*net.TCPAddr)

	return address.Port
}
