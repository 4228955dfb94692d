package rest_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	gatewayhttp "github.com/shema-music/shema/services/contracts/gateway/http"
	"github.com/shema-music/shema/services/kit/auth"
)

// credential is one way to come to the gateway.
type credential struct {
	name, header string
	role         auth.Role
	// code is what a secured operation answers; nothing for those who are who they say.
	code string
}

func (w *testGateway) credentials(ended uuid.UUID) []credential {
	student := auth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: auth.Student}
	expired := student
	expired.ExpiresAt = time.Now().Add(-time.Minute)
	closed := student
	closed.SessionID, closed.Role = ended, auth.Admin
	closedStudent := closed
	closedStudent.Role = auth.Student
	good := w.tokenFor(student)

	return []credential{
		{name: "anonymous", code: "AUTH_MISSING_TOKEN"},
		{name: "student", header: "Bearer " + good, role: auth.Student},
		{name: "teacher", header: "Bearer " + w.token(auth.Teacher), role: auth.Teacher},
		{name: "admin", header: "bearer " + w.token(auth.Admin), role: auth.Admin},
		{name: "expired", header: "Bearer " + w.tokenFor(expired), code: "AUTH_TOKEN_EXPIRED"},
		{
			name:   "ended session",
			header: "Bearer " + w.tokenFor(closed),
			role:   auth.Admin,
			code:   "AUTH_INVALID_TOKEN",
		},
		{
			name:   "ended student session",
			header: "Bearer " + w.tokenFor(closedStudent),
			role:   auth.Student,
			code:   "AUTH_INVALID_TOKEN",
		},
		{name: "alg none", header: "Bearer " + algNone(good), code: "AUTH_INVALID_TOKEN"},
		{
			name:   "alg HS256 with the public key",
			header: "Bearer " + w.algConfusion(good),
			code:   "AUTH_INVALID_TOKEN",
		},
		{name: "signed by another key", header: "Bearer " + w.foreign(good), code: "AUTH_INVALID_TOKEN"},
		{name: "changed claims", header: "Bearer " + promoted(good), code: "AUTH_INVALID_TOKEN"},
		{name: "service token", header: "Bearer " + w.serviceToken(), code: "AUTH_INVALID_TOKEN"},
		{name: "not a token", header: "Bearer hello", code: "AUTH_INVALID_TOKEN"},
		{name: "another scheme", header: "Basic aGVsbG86d29ybGQ=", code: "AUTH_INVALID_TOKEN"},
	}
}

func TestGateway_Authorisation(t *testing.T) {
	w := newTestGateway(t)
	ended := uuid.New()
	w.sidecar.set(func(s *sidecar) {
		s.sessions = func(rw http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ended.String()) {
				writeJSON(rw, http.StatusNotFound, `{"error":"It has ended.","code":"AUTH_SESSION_NOT_FOUND","details":{}}`)
				return
			}

			rw.WriteHeader(http.StatusNoContent)
		}
	})

	document, err := openapi3.NewLoader().LoadFromData(gatewayhttp.Document)
	w.Expect(err).NotTo(HaveOccurred())

	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			if operation.Extensions["x-websocket"] == true {
				continue // its app decides
			}

			for _, c := range w.credentials(ended) {
				t.Run(operation.OperationID+"/"+c.name, func(t *testing.T) {
					w.expectDecision(t, method, path, operation, c)
				})
			}
		}
	}
}

func (w *testGateway) expectDecision(t *testing.T, method, path string, operation *openapi3.Operation, c credential) {
	g := NewWithT(t)

	h := header{}
	if c.header != "" {
		h["Authorization"] = c.header
	}

	got := w.do(method, example(path), h)
	reached := w.sidecar.taken()
	roles, _ := operation.Extensions["x-roles"].([]any)
	secured := operation.Security != nil && len(*operation.Security) > 0

	want := c.code
	switch {
	case !secured:
		want = ""
	case c.role != "" && len(roles) > 0 && !slices.Contains(roles, any(string(c.role))):
		want = "AUTH_FORBIDDEN"
	}

	if want == "" && operation.OperationID == "exportMe" { // Which has no parts here.
		g.Expect(got.StatusCode).To(BeElementOf(http.StatusOK, http.StatusServiceUnavailable))
		return
	}

	if want == "" {
		g.Expect(got.StatusCode).To(Equal(http.StatusOK))

		for _, r := range reached {
			g.Expect(r.Header.Values("Authorization")).To(HaveLen(one(secured)), "tokens go where they are needed")
		}

		return
	}

	g.Expect(got.refused().Code).To(Equal(want))
	g.Expect(reached).To(BeEmpty(), "the service is not bothered")

	if want == "AUTH_FORBIDDEN" {
		g.Expect(got.StatusCode).To(Equal(http.StatusForbidden))

		return
	}

	g.Expect(got.StatusCode).To(Equal(http.StatusUnauthorized))
}

func one(is bool) int {
	if is {
		return 1
	}

	return 0
}

func claimsOf(token string) string { return strings.Split(token, ".")[1] }

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func algNone(token string) string {
	return encode(`{"alg":"none","typ":"JWT"}`) + "." + claimsOf(token) + "."
}

func promoted(token string) string {
	parts := strings.Split(token, ".")
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	parts[1] = encode(strings.Replace(string(claims), `"student"`, `"admin"`, 1))

	return strings.Join(parts, ".")
}

// algConfusion signs with the public key as if it were a shared secret.
func (w *testGateway) algConfusion(token string) string {
	key := w.signer.JWKS().Keys[0]
	public, err := base64.RawURLEncoding.DecodeString(key.X)
	w.Expect(err).NotTo(HaveOccurred())
	head, err := json.Marshal(map[string]string{"alg": "HS256", "typ": "JWT", "kid": key.KeyID})
	w.Expect(err).NotTo(HaveOccurred())

	signing := encode(string(head)) + "." + claimsOf(token)
	signature, err := jwt.SigningMethodHS256.Sign(signing, public)
	w.Expect(err).NotTo(HaveOccurred())

	return signing + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// foreign signs with a key that is not in the set, under the id of one that is.
func (w *testGateway) foreign(token string) string {
	_, private, err := ed25519.GenerateKey(nil)
	w.Expect(err).NotTo(HaveOccurred())

	signing := strings.Split(token, ".")[0] + "." + claimsOf(token)
	signature, err := jwt.SigningMethodEdDSA.Sign(signing, private)
	w.Expect(err).NotTo(HaveOccurred())

	return signing + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (w *testGateway) serviceToken() string {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Issuer:    "shema-auth",
		Audience:  jwt.ClaimStrings{"shema"},
		ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	}).SignedString([]byte(secret))
	w.Expect(err).NotTo(HaveOccurred())

	return token
}
