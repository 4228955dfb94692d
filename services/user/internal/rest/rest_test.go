package rest_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/pgtest"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/user/internal/inbox"
	"github.com/shema-music/shema/services/user/internal/notification"
	"github.com/shema-music/shema/services/user/internal/rest"
	"github.com/shema-music/shema/services/user/internal/store"
	"github.com/shema-music/shema/services/user/internal/user"
	"github.com/shema-music/shema/services/user/migrations"
)

const (
	appID  = apps.User
	schema = "users"
)

var hash = strings.Repeat("h", 60)

type fixture struct {
	*servertest.Harness

	pool  *pgxpool.Pool
	users *user.Service
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	spec, err := userhttp.GetSpec()
	f := &fixture{Harness: servertest.New(t, appID, spec, err)}
	f.pool = pgtest.New(t, pgtest.Schema{Name: schema, Role: "user_service", Migrations: migrations.Files})
	log := slog.New(slog.DiscardHandler)
	events, err := outbox.NewInserter(f.pool, schema, log)
	g.Expect(err).NotTo(HaveOccurred())

	letters := store.NewLetters(f.pool)
	people := store.New(f.pool, events, letters)
	f.users = user.NewService(people, clock.System{})
	told := store.NewNotifications(f.pool, events, letters)
	rest.Register(f.Server, rest.Options{
		Users:         f.users,
		Notifications: notification.NewService(told),
		APIURL:        "https://shema.test",
	})
	box := kitinbox.New(kitinbox.Options{
		Pool:   f.pool,
		Schema: schema,
		Log:    log,
		Router: f.Server,
	})
	inbox.Register(box, people, told)

	return f
}

func (f *fixture) create(t *testing.T, body map[string]any) servertest.Response {
	t.Helper()

	full := map[string]any{"id": uuid.NewString(), "email": "siti@example.com", "password_hash": hash, "full_name": "Siti"}
	maps.Copy(full, body)

	return f.Do(t, servertest.Request{
		Method: http.MethodPost,
		Path:   "/internal/users",
		Caller: apps.Auth,
		Body:   full,
	})
}

func (f *fixture) student(t *testing.T, address string) *auth.Principal {
	t.Helper()
	r := f.create(t, map[string]any{"email": address})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var a userhttp.Account
	r.Read(t, &a)

	return &auth.Principal{UserID: a.User.Id, SessionID: uuid.New(), Role: auth.Student}
}

func (f *fixture) admin(t *testing.T) *auth.Principal {
	t.Helper()
	a, _, err := f.users.EnsureAdmin(t.Context(), "admin@example.com", hash)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return &auth.Principal{UserID: a.ID, SessionID: uuid.New(), Role: auth.Admin}
}

// queued returns the topics that wait in the outbox.
func (f *fixture) queued(t *testing.T) []string {
	t.Helper()

	var topics []string

	err := f.pool.QueryRow(t.Context(),
		"SELECT coalesce(array_agg(topic ORDER BY seq), '{}') FROM users.outbox_events").Scan(&topics)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return topics
}

func TestHandlers_CreateUser(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	body := map[string]any{
		"id": uuid.NewString(), "email": " Siti@Example.com", "phone": nil, "experience_level": "beginner",
		"learning_goal": nil, "preferred_instruments": []string{"piano"}, "available_days": []string{"monday", "friday"},
	}
	first := f.create(t, body)
	g.Expect(first.Status).To(Equal(http.StatusCreated), string(first.Body))

	var a map[string]any
	first.Read(t, &a)
	g.Expect(a).To(HaveKeyWithValue("password_hash", hash))
	g.Expect(a["user"]).To(HaveKeyWithValue("email", "Siti@Example.com"))
	g.Expect(a["user"]).To(HaveKeyWithValue("status", "pending"))
	g.Expect(a["user"]).To(HaveKeyWithValue("phone", BeNil()))
	g.Expect(a["user"]).To(HaveKeyWithValue("available_days", Equal([]any{"monday", "friday"})))
	g.Expect(f.queued(t)).To(Equal([]string{"user.registered"}))

	again := f.create(t, body)
	g.Expect(again.Status).To(Equal(http.StatusCreated))
	g.Expect(again.Body).To(MatchJSON(first.Body), "a repeated call answers the same")
	g.Expect(f.queued(t)).To(HaveLen(1), "and announces nothing")

	taken := f.create(t, map[string]any{"email": "SITI@EXAMPLE.COM"})
	g.Expect(taken.Status).To(Equal(http.StatusConflict))
	g.Expect(taken.Code()).To(Equal("AUTH_EMAIL_TAKEN"))

	bad := f.create(t, map[string]any{"email": "x@example_com.id", "full_name": "a\tb"})
	g.Expect(bad.Code()).To(Equal("VALIDATION_FAILED"))
	g.Expect(bad.BadFields()).To(ConsistOf("email", "full_name"))
}

func TestHandlers_UpdateMe(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.student(t, "siti@example.com")
	patch := func(body string) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: http.MethodPatch,
			Path:   "/api/users/me",
			As:     siti,
			Body:   body,
		})
	}
	r := patch(`{"phone":"+62 812 345 678","budget_range":"high","full_name":" Siti A "}`)
	g.Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

	r = patch(`{"phone":null,"learning_goal":"hobby","preferred_instruments":[]}`)
	g.Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

	var me map[string]any
	f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/api/users/me", As: siti}).Read(t, &me)
	g.Expect(me).To(And(HaveKeyWithValue("phone", BeNil()), HaveKeyWithValue("budget_range", "high"),
		HaveKeyWithValue("learning_goal", "hobby"), HaveKeyWithValue("full_name", "Siti A")))
	g.Expect(me).NotTo(HaveKey("password_hash"))

	cases := []struct {
		reason, body string
		fields       []string
	}{
		{"an empty change is no change", `{}`, []string{"body"}},
		{"what is not one's to change", `{"email":"a@b.id","role":"admin","status":"active"}`, []string{"email", "role", "status"}},
		{"every bad field at once", `{"full_name":"","phone":"call me","experience_level":"virtuoso","available_days":["someday"]}`,
			[]string{"full_name", "phone", "experience_level", "available_days[0]"}},
		{"lists cannot be null", `{"available_days":null}`, []string{"available_days"}},
		{"NUL", `{"full_name":"a\u0000b"}`, []string{"full_name"}},
	}
	for _, c := range cases {
		r := patch(c.body)
		g.Expect(r.Code()).To(Equal("VALIDATION_FAILED"), c.reason+": "+string(r.Body))
		g.Expect(r.BadFields()).To(ConsistOf(c.fields), c.reason+": "+string(r.Body))
	}

	gone := f.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/api/users/me",
		As:     &auth.Principal{UserID: uuid.New(), Role: auth.Student},
	})
	g.Expect(gone.Code()).To(Equal("USER_NOT_FOUND"))
}

// Admin lists and changes access.
func TestHandlers_UpdateUserAccess(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	boss := f.admin(t)
	siti, budi := f.student(t, "siti@example.com"), f.student(t, "budi@example.com")

	type page struct {
		Items      []userhttp.User `json:"items"`
		NextCursor *string         `json:"next_cursor"`
	}

	list := func(query string) page {
		r := f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/api/users" + query, As: boss})
		g.Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

		var p page
		r.Read(t, &p)

		return p
	}
	first := list("?role=student&limit=1")
	g.Expect(first.Items).To(HaveLen(1))
	g.Expect(first.Items[0].Id).To(Equal(budi.UserID), "newest first")

	second := list("?role=student&limit=1&cursor=" + *first.NextCursor)
	g.Expect(second.Items[0].Id).To(Equal(siti.UserID))
	g.Expect(second.NextCursor).To(BeNil())
	g.Expect(list("?q=BUDI%40").Items).To(HaveLen(1))
	g.Expect(list("?q=unknown").Items).To(BeEmpty())

	for _, query := range []string{"?limit=0", "?limit=101", "?limit=x", "?role=boss", "?cursor=nonsense"} {
		r := f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/api/users" + query, As: boss})
		g.Expect(r.Code()).To(Equal("VALIDATION_FAILED"), query)
	}

	patch := func(id uuid.UUID, body string) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: http.MethodPatch,
			Path:   "/api/users/" + id.String(),
			As:     boss,
			Body:   body,
		})
	}
	g.Expect(patch(boss.UserID, `{"role":"student"}`).Code()).To(Equal("USER_LAST_ADMIN"))
	g.Expect(patch(siti.UserID, `{"status":"suspended"}`).Status).To(Equal(http.StatusOK))
	g.Expect(patch(siti.UserID, `{"role":"boss"}`).BadFields()).To(Equal([]string{"role"}))
	g.Expect(patch(uuid.New(), `{"role":"teacher"}`).Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(f.queued(t)).To(Equal([]string{"user.registered", "user.registered", "user.access_changed"}))

	stats := f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/api/users/stats", As: boss})
	g.Expect(stats.Body).To(MatchJSON(`{"count":2}`))

	one := f.Do(t, servertest.Request{
		Method: http.MethodGet,
		Path:   "/api/users/" + budi.UserID.String(),
		As:     boss,
	})
	g.Expect(one.Status).To(Equal(http.StatusOK))

	for _, path := range []string{"/api/users", "/api/users/stats", "/api/users/" + siti.UserID.String()} {
		r := f.Do(t, servertest.Request{Method: http.MethodGet, Path: path, As: siti})
		g.Expect(r.Code()).To(Equal("AUTH_FORBIDDEN"), path)
	}
}

func TestHandlers_LookupAccount(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.student(t, "Siti@example.com")
	internal := func(caller, method, path string, body any) servertest.Response {
		return f.Do(t, servertest.Request{
			Method: method,
			Path:   path,
			Caller: caller,
			Body:   body,
		})
	}
	lookup := "/internal/accounts/lookup"

	var byEmail, byID userhttp.Account
	internal(apps.Auth, http.MethodPost, lookup, map[string]any{"email": " SITI@example.com"}).Read(t, &byEmail)
	internal(apps.Auth, http.MethodPost, lookup, map[string]any{"id": siti.UserID}).Read(t, &byID)
	g.Expect(byEmail).To(Equal(byID))
	g.Expect(byID.User.Id).To(Equal(siti.UserID))
	g.Expect(internal(apps.Auth, http.MethodPost, lookup, map[string]any{"email": "no one"}).Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(internal(apps.Auth, http.MethodPost, lookup, map[string]any{}).Code()).To(Equal("VALIDATION_FAILED"))
	g.Expect(internal(apps.Booking, http.MethodPost, lookup, map[string]any{"id": siti.UserID}).Code()).To(Equal("AUTH_FORBIDDEN"))

	path := "/internal/users/" + siti.UserID.String()
	newHash := strings.Repeat("n", 60)
	set := internal(apps.Auth, http.MethodPut, path+"/password", map[string]any{"password_hash": newHash})
	g.Expect(set.Status).To(Equal(http.StatusNoContent))

	login := internal(apps.Auth, http.MethodPost, path+"/login", nil)
	g.Expect(login.Status).To(Equal(http.StatusOK), string(login.Body))

	var account userhttp.Account
	login.Read(t, &account)
	g.Expect(account.PasswordHash).To(Equal(newHash))
	g.Expect(account.User.LastLoginAt).NotTo(BeNil())
	g.Expect(internal(apps.Auth, http.MethodPost, "/internal/users/"+uuid.NewString()+"/login", nil).Code()).To(Equal("USER_NOT_FOUND"))

	budi := f.student(t, "budi@example.com")
	ids := strings.Join([]string{siti.UserID.String(), uuid.NewString(), budi.UserID.String()}, ",")

	var found userhttp.UserLookup
	internal(apps.Booking, http.MethodGet, "/internal/users?ids="+ids, nil).Read(t, &found)
	g.Expect(found.Items).To(HaveLen(2))
}

// First confirmed booking activates once.
func TestInbox_Confirmed_ActivatesOnce(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, boss := f.student(t, "siti@example.com"), f.admin(t)
	event := bookingevents.Booking{
		EventType: bookingevents.TypeConfirmed,
		BookingID: uuid.New(),
		UserID:    siti.UserID,
	}
	status := func() user.Status {
		u, err := f.users.Get(t.Context(), siti.UserID)
		g.Expect(err).NotTo(HaveOccurred())

		return u.Status
	}

	g.Expect(f.Deliver(t, bookingevents.TopicConfirmed, "event-1", event).Status).To(Equal(http.StatusOK))
	g.Expect(status()).To(Equal(user.Active))

	back := f.Do(t, servertest.Request{
		Method: http.MethodPatch,
		Path:   "/api/users/" + siti.UserID.String(),
		As:     boss,
		Body:   json.RawMessage(`{"status":"pending"}`),
	})
	g.Expect(back.Status).To(Equal(http.StatusOK))
	g.Expect(f.Deliver(t, bookingevents.TopicConfirmed, "event-1", event).Status).To(Equal(http.StatusOK))
	g.Expect(status()).To(Equal(user.Pending), "a doubled event does nothing")
	g.Expect(f.Deliver(t, bookingevents.TopicConfirmed, "event-2", "no booking").Status).To(BeNumerically(">=", 500))
}
