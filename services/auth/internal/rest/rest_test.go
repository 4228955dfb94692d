package rest_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"golang.org/x/crypto/bcrypt"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/authtest"
	"github.com/shema-music/shema/services/auth/internal/inbox"
	"github.com/shema-music/shema/services/auth/internal/rest"
	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/auth/migrations"
	"github.com/shema-music/shema/services/contracts/apps"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/httpserver"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/servertest"
)

const (
	appID    = apps.Auth
	password = "Gamelan-di-sore-hari"
)

type fixture struct {
	*servertest.Harness

	pool     *pgxpool.Pool
	accounts *authtest.Accounts
	jobs     *authtest.Jobs
	service  *auth.Service
	state    *authtest.State
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	spec, err := authhttp.GetSpec()
	g.Expect(err).NotTo(HaveOccurred())

	f := &fixture{
		Harness: servertest.NewWith(t, appID, servertest.NewKeys(t), httpserver.Options{
			Spec:      spec,
			Log:       slog.New(slog.DiscardHandler),
			AlsoCheck: rest.Checks(),
		}),
		state:    authtest.NewState(clock.System{}),
		accounts: authtest.NewAccounts(clock.System{}),
		jobs:     &authtest.Jobs{},
		pool: pgtest.New(t, pgtest.Schema{
			Name:       "auth",
			Role:       "auth_service",
			Migrations: migrations.Files,
		}),
	}
	passwords, err := auth.NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	tokens, err := auth.NewTokens(strings.Repeat("k", 32))
	g.Expect(err).NotTo(HaveOccurred())

	kept, log := store.New(f.pool, f.jobs), slog.New(slog.DiscardHandler)
	service := auth.NewService(auth.Options{
		Accounts:  f.accounts,
		Documents: sessions.New(f.state),
		Attempts:  kept,
		Audit:     kept,
		Endings:   kept,
		Mails:     kept,
		Jobs:      kept,
		Passwords: passwords,
		Tokens:    tokens,
		Signer:    f.Signer,
		Clock:     clock.System{},
		Log:       log,
	})
	f.service = service
	rest.Register(f.Server, service, f.Verifier)
	box := kitinbox.New(kitinbox.Options{
		Pool:   f.pool,
		Schema: "auth",
		Log:    log,
		Router: f.Server,
	})
	inbox.Register(box, service, kept)

	return f
}

func (f *fixture) post(t *testing.T, path, token string, body any) servertest.Response {
	t.Helper()

	return f.Do(t, servertest.Request{
		Method:   http.MethodPost,
		Path:     "/api/auth" + path,
		Token:    token,
		Body:     body,
		ClientIP: "203.0.113.7",
		Header:   map[string]string{"X-Client-User-Agent": "browser"},
	})
}

func (f *fixture) get(t *testing.T, path, token string) servertest.Response {
	t.Helper()
	return f.Do(t, servertest.Request{Method: http.MethodGet, Path: path, Token: token})
}

func (f *fixture) register(t *testing.T, address string) authhttp.Session {
	t.Helper()
	r := f.post(t, "/register", "", map[string]any{"email": address, "password": password, "full_name": "Siti"})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var s authhttp.Session
	r.Read(t, &s)

	return s
}

// ref is how a session is asked for.
func (f *fixture) ref(t *testing.T, s authhttp.Session) authhttp.SessionRef {
	t.Helper()

	p, err := f.Verifier.Verify(s.AccessToken)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return authhttp.SessionRef{UserId: p.UserID, SessionId: p.SessionID}
}

func (f *fixture) check(t *testing.T, caller string, s authhttp.Session) servertest.Response {
	t.Helper()

	p, err := f.Verifier.Verify(s.AccessToken)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	path := "/internal/users/" + p.UserID.String() + "/sessions/" + p.SessionID.String()

	return f.Do(t, servertest.Request{Method: http.MethodGet, Path: path, Caller: caller})
}

func TestHandlers_Register(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	r := f.post(t, "/register", "", `{"email":" Siti.Ä@Example.com ","password":"Gamelan-di-sore-hari","full_name":"Siti Aminah",
		"phone":"+62 812 3456 789","experience_level":"beginner","learning_goal":null,"preferred_instruments":["piano"],
		"budget_range":"low","available_days":["monday","sunday"]}`)
	g.Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))
	g.Expect(r.Header.Get("Cache-Control")).To(Equal("no-store"))

	var s map[string]any
	r.Read(t, &s)
	g.Expect(s).To(And(HaveKeyWithValue("token_type", "Bearer"), HaveKeyWithValue("expires_in", BeEquivalentTo(900))))
	g.Expect(s["user"]).To(And(
		HaveKeyWithValue("email", "Siti.Ä@Example.com"), HaveKeyWithValue("role", "student"), HaveKeyWithValue("status", "pending"),
		HaveKeyWithValue("learning_goal", BeNil()), HaveKeyWithValue("available_days", Equal([]any{"monday", "sunday"})),
		HaveLen(16)))

	p, err := f.Verifier.Verify(s["access_token"].(string))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(time.Until(p.ExpiresAt)).To(BeNumerically("~", 15*time.Minute, 5*time.Second))
	g.Expect(p.TokenID).NotTo(BeEmpty())

	cases := []struct {
		reason, body, code string
		fields             []string
	}{
		{"taken", `{"email":"siti.ä@EXAMPLE.com","password":"Gamelan-di-sore-hari","full_name":"x"}`, "AUTH_EMAIL_TAKEN", nil},
		{"short", `{"email":"a@b.id","password":"short","full_name":"x"}`, "AUTH_WEAK_PASSWORD", []string{"password"}},
		{"empty", `{"email":"a@b.id","password":"","full_name":"x"}`, "AUTH_WEAK_PASSWORD", []string{"password"}},
		{"common", `{"email":"a@b.id","password":"Password123","full_name":"x"}`, "AUTH_WEAK_PASSWORD", []string{"password"}},
		{"long", `{"email":"a@b.id","password":"` + strings.Repeat("x", 73) + `","full_name":"x"}`, "AUTH_WEAK_PASSWORD", []string{"password"}},
		{"NUL", `{"email":"a@b.id","password":"secret12\u0000","full_name":"x"}`, "VALIDATION_FAILED", []string{"password"}},
		{"every bad field", `{"email":"nonsense","full_name":" ","role":"admin"}`, "VALIDATION_FAILED", []string{"email", "full_name", "password", "role"}},
		{"a weak password is among them", `{"email":"nonsense","password":"12345678","full_name":" "}`, "VALIDATION_FAILED", []string{"email", "full_name", "password"}},
		{"so is half of a character", `{"email":"nonsense","password":"secret12\ud800","full_name":"x"}`, "VALIDATION_FAILED", []string{"email", "password"}},
		{"half of a character", `{"email":"a@b.id","password":"secret12\ud800","full_name":"x"}`, "AUTH_WEAK_PASSWORD", []string{"password"}},
		{"no JSON", `{`, "VALIDATION_MALFORMED_JSON", nil},
	}
	for _, c := range cases {
		r := f.post(t, "/register", "", c.body)
		g.Expect(r.Code()).To(Equal(c.code), c.reason+": "+string(r.Body))
		g.Expect(r.BadFields()).To(ConsistOf(c.fields), c.reason+": "+string(r.Body))
	}
}

func TestHandlers_Login(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t, "siti@example.com")
	wrong := f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": "wrong"})
	unknown := f.post(t, "/login", "", map[string]string{"email": "unknown@example.com", "password": "wrong"})

	g.Expect(wrong.Status).To(Equal(http.StatusUnauthorized))
	g.Expect(unknown.Status).To(Equal(http.StatusUnauthorized))
	g.Expect(unknown.Body).To(Equal(wrong.Body))
	g.Expect(wrong.Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))

	right := f.post(t, "/login", "", map[string]string{"email": "SITI@example.com ", "password": password})
	g.Expect(right.Status).To(Equal(http.StatusOK))
	g.Expect(right.Header.Get("Cache-Control")).To(Equal("no-store"))

	for range 9 {
		f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": "wrong"})
	}

	locked := f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": password})
	g.Expect(locked.Status).To(Equal(http.StatusTooManyRequests))
	g.Expect(locked.Code()).To(Equal("AUTH_LOCKED"))
	g.Expect(locked.Header.Get("Retry-After")).To(Equal("900"))
	g.Expect(f.post(t, "/login", "", `{"email":"","password":""}`).BadFields()).To(ConsistOf("email", "password"))
}

func TestHandlers_Sessions(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t, "siti@example.com")

	var second, rotated authhttp.Session
	f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": password}).Read(t, &second)
	f.post(t, "/refresh", "", map[string]string{"refresh_token": *second.RefreshToken}).Read(t, &rotated)
	g.Expect(rotated.RefreshToken).NotTo(Equal(second.RefreshToken))
	g.Expect(f.check(t, apps.Gateway, first).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.check(t, apps.Booking, first).Code()).To(Equal("AUTH_FORBIDDEN"))

	var list authhttp.OpenSessionList
	f.get(t, "/api/auth/sessions?limit=1", first.AccessToken).Read(t, &list)
	g.Expect(list.Items).To(HaveLen(1))
	g.Expect(list.Items[0]).To(And(HaveField("Current", BeFalse()), HaveField("Ip", "203.0.113.7"), HaveField("UserAgent", "browser")))

	other := list.Items[0].Id
	f.get(t, "/api/auth/sessions?limit=1&cursor="+*list.NextCursor, first.AccessToken).Read(t, &list)
	g.Expect(list.Items[0].Current).To(BeTrue())
	g.Expect(list.NextCursor).To(BeNil())
	g.Expect(f.get(t, "/api/auth/sessions?cursor=x", first.AccessToken).BadFields()).To(Equal([]string{"cursor"}))

	end := func(id uuid.UUID) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: http.MethodDelete,
			Path:   "/api/auth/sessions/" + id.String(),
			Token:  first.AccessToken,
		})
	}
	g.Expect(end(other).Status).To(Equal(http.StatusNoContent))
	g.Expect(end(other).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"))
	g.Expect(f.check(t, apps.Gateway, rotated).Status).To(Equal(http.StatusNotFound))
	g.Expect(f.post(t, "/refresh", "", map[string]string{"refresh_token": *rotated.RefreshToken}).Code()).To(Equal("AUTH_INVALID_REFRESH_TOKEN"))

	stranger := f.register(t, "budi@example.com")
	r := f.post(t, "/logout", first.AccessToken, map[string]string{"refresh_token": *stranger.RefreshToken})
	g.Expect(r.Code()).To(Equal("AUTH_INVALID_REFRESH_TOKEN"))
	g.Expect(f.post(t, "/logout", first.AccessToken, map[string]string{"refresh_token": *first.RefreshToken}).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.check(t, apps.Gateway, first).Status).To(Equal(http.StatusNotFound))
	g.Expect(f.post(t, "/logout-all", stranger.AccessToken, nil).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.check(t, apps.Gateway, stranger).Status).To(Equal(http.StatusNotFound))

	for _, path := range []string{"/logout", "/logout-all", "/password"} {
		g.Expect(f.post(t, path, "", `{}`).Code()).To(Equal("AUTH_MISSING_TOKEN"), path)
	}
}

func TestHandlers_FindEndedSessions(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, budi := f.register(t, "siti@example.com"), f.register(t, "budi@example.com")
	f.post(t, "/logout-all", siti.AccessToken, nil)

	stranger := authhttp.SessionRef{UserId: uuid.New(), SessionId: uuid.New()}
	foreign := authhttp.SessionRef{UserId: budi.User.Id, SessionId: f.ref(t, siti).SessionId}
	ask := servertest.Request{
		Method: http.MethodPost,
		Path:   "/internal/sessions/ended",
		Caller: apps.Chat,
		Body:   authhttp.SessionRefs{Sessions: []authhttp.SessionRef{f.ref(t, siti), stranger, f.ref(t, budi), foreign}},
	}

	var answer authhttp.EndedSessions
	f.Do(t, ask).Read(t, &answer)
	g.Expect(answer.Ended).To(Equal([]authhttp.SessionRef{f.ref(t, siti), stranger, foreign}))

	ask.Caller = apps.Booking
	g.Expect(f.Do(t, ask).Code()).To(Equal("AUTH_FORBIDDEN"))

	ask.Caller = apps.Chat

	f.state.FailWith(errs.Unavailable)
	g.Expect(f.Do(t, ask).Code()).To(Equal("SERVICE_UNAVAILABLE"), "no session ends because the store is away")
}

func TestHandlers_ChangePassword(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	change := func(current, replacement string) servertest.Response {
		return f.post(t, "/password", s.AccessToken, map[string]string{"current_password": current, "new_password": replacement})
	}
	weak := change(password, "12345678")
	g.Expect(weak.Code()).To(Equal("AUTH_WEAK_PASSWORD"))
	g.Expect(weak.BadFields()).To(Equal([]string{"new_password"}))
	g.Expect(change("wrong", "Angklung-dan-suling").Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(change(password, "Angklung-dan-suling").Status).To(Equal(http.StatusNoContent))
	g.Expect(f.check(t, apps.Gateway, s).Status).To(Equal(http.StatusNoContent))
}

func TestInbox_AccessChanged(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	epoch := f.accounts.Change(s.User.Id, true, func(u *auth.User) { u.Status = auth.Suspended })

	event := userevents.AccessChanged{
		EventType:   userevents.TypeAccessChanged,
		UserID:      s.User.Id,
		AccessEpoch: epoch,
	}
	for range 2 {
		g.Expect(f.Deliver(t, userevents.TopicAccessChanged, "event-1", event).Status).To(Equal(http.StatusOK))
	}

	g.Expect(f.check(t, apps.Gateway, s).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"))

	var lines int
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM auth.audit_log WHERE event = 'access_changed'").Scan(&lines)).To(Succeed())
	g.Expect(lines).To(Equal(1), "handled once")

	suspended := f.post(t, "/login", "", map[string]string{"email": "siti@example.com", "password": password})
	g.Expect(suspended.Code()).To(Equal("AUTH_ACCOUNT_SUSPENDED"))
	g.Expect(suspended.Status).To(Equal(http.StatusForbidden))
}

func TestHandlers_GetJWKS(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	r := f.get(t, "/api/auth/.well-known/jwks.json", "")
	g.Expect(r.Status).To(Equal(http.StatusOK))

	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	r.Read(t, &set)
	g.Expect(set.Keys).To(HaveLen(1))
	g.Expect(set.Keys[0]).To(And(HaveKeyWithValue("kty", "OKP"), HaveKeyWithValue("crv", "Ed25519"), HaveKeyWithValue("alg", "EdDSA"),
		HaveKeyWithValue("kid", f.Signer.JWKS().Keys[0].KeyID)))
	g.Expect(set.Keys[0]).NotTo(HaveKey("d"))
}

func TestHandlers_AcceptLanguage(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	r := f.Do(t, servertest.Request{
		Method: http.MethodPost,
		Path:   "/api/auth/login",
		Body:   map[string]string{"email": "a@b.id", "password": "x"},
		Header: map[string]string{"Accept-Language": "id"},
	})
	g.Expect(string(r.Body)).To(ContainSubstring("kata sandi salah"))
}
