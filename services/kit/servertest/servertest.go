// Package servertest drives a service's real HTTP server in tests, with all its middleware, as the gateway, another
// service or the sidecar would.
package servertest

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/config"
	"github.com/shema-music/shema/services/kit/dapr"
	"github.com/shema-music/shema/services/kit/eventsign"
	"github.com/shema-music/shema/services/kit/httpserver"
	"github.com/shema-music/shema/services/kit/request"
)

const (
	secret      = "a service secret of at least 32 bytes"
	appAPIToken = "the token of the sidecar"
	gatewayID   = apps.Gateway
)

// Issuer is who made the access tokens.
const Issuer = "shema-auth"

// Audience is whom the access tokens are for.
const Audience = "shema"

// Keys sign and verify access tokens.
type Keys struct {
	Signer   *auth.Signer
	Verifier *auth.Verifier
}

// NewKeys returns keys that no other server has.
func NewKeys(t testing.TB) Keys {
	t.Helper()

	private, set, err := auth.GenerateKey()
	must(t, err)
	public, err := json.Marshal(set)
	must(t, err)
	dir := t.TempDir()
	pemFile, jwksFile := filepath.Join(dir, "key.pem"), filepath.Join(dir, "jwks.json")
	must(t, os.WriteFile(pemFile, private, 0o600))
	must(t, os.WriteFile(jwksFile, public, 0o600))

	signer, err := auth.NewSigner(auth.SignerOptions{
		KeyFile:  pemFile,
		Issuer:   Issuer,
		Audience: Audience,
		Clock:    clock.System{},
	})
	must(t, err)
	verifier, err := auth.LoadJWKS(jwksFile)
	must(t, err)

	return Keys{Signer: signer, Verifier: verifier}
}

// Harness is a service's server with the keys of those who call it.
type Harness struct {
	Keys

	Server *httpserver.Server
	appID  string
}

// New returns a server for the document; register handlers on harness.Server.
func New(t testing.TB, appID string, spec *openapi3.T, err error) *Harness {
	t.Helper()
	must(t, err)
	return NewWith(t, appID, NewKeys(t), httpserver.Options{Spec: spec, Log: slog.New(slog.DiscardHandler)})
}

// NewWith is New with keys that may be those of other servers, and with options to which the identities are added.
func NewWith(t testing.TB, appID string, keys Keys, options httpserver.Options) *Harness {
	t.Helper()

	tokens, err := auth.NewServiceTokens(secret, appID, clock.System{})
	must(t, err)

	options.Common = config.Common{AppID: appID, AppAPIToken: appAPIToken, ServiceJWTSecret: secret}
	options.Verifier, options.ServiceTokens = keys.Verifier, tokens
	server, err := httpserver.New(options)
	must(t, err)

	return &Harness{Keys: keys, Server: server, appID: appID}
}

// Request is one request to the service.
type Request struct {
	Method, Path string
	// Body is sent as it is if it is a string, otherwise as JSON.
	Body any
	// As is who is signed in; Token is a ready access token instead.
	As    *auth.Principal
	Token string
	// Caller is the calling service, the gateway if empty; "-" sends no service token.
	Caller string
	// ClientIP is the person's address as the gateway saw it.
	ClientIP string
	Header   map[string]string
}

// Response is what the service answered.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends a request through the whole engine.
func (h *Harness) Do(t testing.TB, r Request) Response {
	t.Helper()

	sent := httptest.NewRequestWithContext(t.Context(), r.Method, r.Path, strings.NewReader(encode(t, r.Body)))
	if r.Body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}

	sent.Header.Set("Dapr-Api-Token", appAPIToken)
	sent.Header.Set(request.HeaderClientIP, r.ClientIP)
	h.identify(t, sent, r)

	for name, value := range r.Header {
		sent.Header.Set(name, value)
	}

	w := httptest.NewRecorder()
	h.Server.Engine().ServeHTTP(w, sent)

	return Response{Status: w.Code, Header: w.Result().Header, Body: w.Body.Bytes()}
}

// Sidecar returns the client of a service's sidecar, in whose place the handler stands. The tokens say who calls.
func Sidecar(t testing.TB, tokens *auth.ServiceTokens, standIn http.Handler) *dapr.Sidecar {
	t.Helper()

	server := httptest.NewServer(standIn)
	t.Cleanup(server.Close)

	address, err := url.Parse(server.URL)
	must(t, err)
	port, err := strconv.Atoi(address.Port())
	must(t, err)

	sidecar, err := dapr.NewSidecar(config.Common{DaprHTTPPort: port, DaprGRPCPort: port}, tokens)
	must(t, err)
	t.Cleanup(sidecar.Close)

	return sidecar
}

// Caller sends requests to the service as the sidecar of another service does; clients of the contract take it.
type Caller struct {
	harness *Harness
	t       testing.TB
	appID   string
}

// Caller returns the service of that app id as a caller.
func (h *Harness) Caller(t testing.TB, appID string) *Caller {
	t.Helper()
	return &Caller{harness: h, t: t, appID: appID}
}

// Do brings a request through the whole engine.
func (c *Caller) Do(r *http.Request) (*http.Response, error) {
	r.Header.Set("Dapr-Api-Token", appAPIToken)
	c.harness.identify(c.t, r, Request{Caller: c.appID})

	w := httptest.NewRecorder()
	c.harness.Server.Engine().ServeHTTP(w, r)

	return w.Result(), nil
}

func (h *Harness) identify(t testing.TB, sent *http.Request, r Request) {
	t.Helper()

	if r.Caller != "-" {
		caller := r.Caller
		if caller == "" {
			caller = gatewayID
		}

		tokens, err := auth.NewServiceTokens(secret, caller, clock.System{})
		must(t, err)
		token, err := tokens.Mint(h.appID)
		must(t, err)
		sent.Header.Set(request.HeaderServiceToken, token)
	}

	if r.As != nil {
		token, err := h.Signer.Sign(*r.As)
		must(t, err)

		r.Token = token
	}

	if r.Token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.Token)
	}
}

// Deliver hands an event that one of our services has published to the service, as its sidecar does.
func (h *Harness) Deliver(t testing.TB, topic, id string, data any) Response {
	t.Helper()

	return h.Do(t, Request{
		Method: http.MethodPost,
		Path:   "/dapr/events/" + topic,
		Caller: "-",
		Body:   Event(t, secret, topic, id, data),
	})
}

// Event is a CloudEvent as a service with that SERVICE_JWT_SECRET publishes it.
func Event(t testing.TB, serviceSecret, topic, id string, data any) map[string]any {
	t.Helper()

	content, err := json.Marshal(data)
	must(t, err)
	signature, err := eventsign.New(serviceSecret).Sign(topic, content)
	must(t, err)

	return map[string]any{
		"specversion": "1.0", "id": id, "type": topic, "topic": topic, "data": data,
		eventsign.Attribute: signature,
	}
}

func encode(t testing.TB, body any) string {
	t.Helper()

	if text, ok := body.(string); ok || body == nil {
		return text
	}

	content, err := json.Marshal(body)
	must(t, err)

	return string(content)
}

// Read decodes the answer.
func (r Response) Read(t testing.TB, into any) {
	t.Helper()

	if err := json.Unmarshal(r.Body, into); err != nil {
		t.Fatalf("decode %q: %v", r.Body, err)
	}
}

// Code returns the code of an error answer, or nothing.
func (r Response) Code() string {
	var body struct {
		Code string `json:"code"`
	}

	_ = json.Unmarshal(r.Body, &body)

	return body.Code
}

// BadFields returns the names in details.fields of an error answer.
func (r Response) BadFields() []string {
	var body struct {
		Details struct {
			Fields []struct {
				Field string `json:"field"`
			} `json:"fields"`
		} `json:"details"`
	}

	_ = json.Unmarshal(r.Body, &body)

	names := make([]string, len(body.Details.Fields))
	for i, f := range body.Details.Fields {
		names[i] = f.Field
	}

	return names
}

func must(t testing.TB, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
