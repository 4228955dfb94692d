package clients_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/clients"
	"github.com/shema-music/shema/services/contracts/errs"
	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
)

// userService answers every request alike and remembers the last one.
type userService struct {
	status       int
	body         any
	method, path string
	got          []byte
}

func (u *userService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.method, u.path = r.Method, r.URL.Path
	u.got, _ = io.ReadAll(r.Body)

	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(u.status)
	_ = json.NewEncoder(w).Encode(u.body)
}

func setUp(t *testing.T, u *userService) *clients.Client {
	t.Helper()

	server := httptest.NewServer(u)
	t.Cleanup(server.Close)

	return clients.New(server.URL, server.Client())
}

func TestClient_Accounts(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	id := uuid.New()
	u := &userService{status: http.StatusOK, body: userhttp.Account{AccessEpoch: 3, User: userhttp.User{Id: id}}}
	client := setUp(t, u)
	a, err := client.ByID(t.Context(), id)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(a.AccessEpoch).To(BeEquivalentTo(3))
	g.Expect(u.got).To(MatchJSON(`{"id":"` + id.String() + `"}`))

	_, err = client.ByEmail(t.Context(), "siti@example.com")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(u.got).To(MatchJSON(`{"email":"siti@example.com"}`))

	_, err = client.RecordLogin(t.Context(), id)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(u.path).To(Equal("/internal/users/" + id.String() + "/login"))

	u.status = http.StatusCreated
	_, err = client.Create(t.Context(), &auth.NewAccount{ID: id, Email: "siti@example.com"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(u.path).To(Equal("/internal/users"))
	g.Expect(string(u.got)).NotTo(ContainSubstring(`":null`), "lists that were left out are empty, not null")

	u.status = http.StatusNoContent

	g.Expect(client.SetPassword(t.Context(), id, "hash", true)).To(Succeed())
	g.Expect(u.method).To(Equal(http.MethodPut))
}

func TestClient_Refusals(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		status int
		body   any
		is     error
	}{
		{"no such person", 404, errs.Body{Error: "x", Code: "USER_NOT_FOUND"}, auth.ErrNoAccount},
		{"a refusal that is about our call", 409, errs.Body{Error: "x", Code: "AUTH_EMAIL_TAKEN"}, errs.Internal},
		{"an outage", 503, errs.Body{Error: "x", Code: "SERVICE_UNAVAILABLE"}, errs.Unavailable},
		{"the sidecar's own answer", 502, map[string]string{"errorCode": "ERR_DIRECT_INVOKE"}, errs.Unavailable},
		{"a refusal without our shape", 404, map[string]string{}, errs.Internal},
	}
	for _, c := range cases {
		client := setUp(t, &userService{status: c.status, body: c.body})
		_, err := client.ByID(t.Context(), uuid.New())
		NewWithT(t).Expect(err).To(MatchError(c.is), c.reason)
		NewWithT(t).Expect(client.SetPassword(t.Context(), uuid.New(), "h", false)).To(MatchError(c.is), c.reason)
	}
}

type brokenDoer struct{}

func (brokenDoer) Do(*http.Request) (*http.Response, error) {
	return nil, errs.Unavailable.Wrap(errors.New("down"))
}

func TestClient_Unreachable(t *testing.T) {
	t.Parallel()

	client := clients.New("http://localhost", brokenDoer{})
	_, err := client.ByEmail(t.Context(), "siti@example.com")
	NewWithT(t).Expect(err).To(MatchError(errs.Unavailable))
}

// TestClient_Refusals_Kept: what the caller has to hear of comes through.
func TestClient_Refusals_Kept(t *testing.T) {
	t.Parallel()

	refuse := func(kind *errs.Kind) *clients.Client {
		return setUp(t, &userService{status: kind.Status(), body: errs.Body{Error: "x", Code: kind.Code(), Details: map[string]any{}}})
	}
	id := uuid.New()

	_, err := refuse(usererrs.EmailTaken).Create(t.Context(), &auth.NewAccount{ID: id})
	NewWithT(t).Expect(err).To(MatchError(usererrs.EmailTaken))
	NewWithT(t).Expect(refuse(usererrs.EmailTaken).SetEmail(t.Context(), id, "a@b.id")).To(MatchError(usererrs.EmailTaken))
	NewWithT(t).Expect(refuse(usererrs.LastAdmin).Erase(t.Context(), id)).To(MatchError(usererrs.LastAdmin))
	NewWithT(t).Expect(refuse(usererrs.NotFound).SendLetter(t.Context(), &auth.Letter{UserID: id})).To(MatchError(auth.ErrNoAccount))
	NewWithT(t).Expect(refuse(usererrs.NotFound).ReportErased(t.Context(), id)).To(MatchError(auth.ErrNoAccount))
}
