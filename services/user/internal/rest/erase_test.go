package rest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	bookingevents "github.com/shema-music/shema/services/contracts/booking/events"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// traces returns the tables of the schema in which a text stands somewhere, in whatever column.
func (f *fixture) traces(t *testing.T, text string) (found []string) {
	t.Helper()
	g := NewWithT(t)

	rows, err := f.pool.Query(t.Context(), "SELECT tablename::text FROM pg_tables WHERE schemaname = 'users'")
	g.Expect(err).NotTo(HaveOccurred())
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(tables)).To(BeNumerically(">", 5))

	for _, table := range tables {
		if f.count(t, pgx.Identifier{table}.Sanitize()+" AS r WHERE strpos(lower(r::text), lower($1)) > 0", text) > 0 {
			found = append(found, table)
		}
	}

	return found
}

// published does what the outbox does with events: once they have left, they are gone.
func (f *fixture) published(t *testing.T) {
	t.Helper()
	_, err := f.pool.Exec(t.Context(), "DELETE FROM users.outbox_events")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
}

func (f *fixture) erase(t *testing.T, id uuid.UUID) servertest.Response {
	t.Helper()

	return f.internal(t, apps.Auth, http.MethodPost, "/internal/users/"+id.String()+"/erase", nil)
}

// leaver returns a person with a trace of everything that is kept of people, and the texts to look for.
func (f *fixture) leaver(t *testing.T) (*auth.Principal, []string) {
	t.Helper()
	g := NewWithT(t)
	ownHash := strings.Repeat("w", len(hash))
	r := f.create(t, map[string]any{
		"email": "Leaver@Example.com", "full_name": "Dewi Lestari", "phone": "+62 812 999 000",
		"preferred_instruments": []string{"kecapi"}, "password_hash": ownHash,
	})
	g.Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var a userhttp.Account
	r.Read(t, &a)

	dewi := &auth.Principal{UserID: a.User.Id, SessionID: uuid.New(), Role: auth.Student}
	sent := f.internal(t, apps.Auth, http.MethodPost, "/internal/letters", letterOf("password_reset", dewi.UserID))
	g.Expect(sent.Status).To(Equal(http.StatusNoContent))

	moved := f.internal(t, apps.Auth, http.MethodPut, "/internal/users/"+dewi.UserID.String()+"/email",
		map[string]any{"email": "dewi@example.org"})
	g.Expect(moved.Status).To(Equal(http.StatusOK))

	for _, topic := range []string{bookingevents.TopicCreated, bookingevents.TopicExpired} {
		b := aboutPiano(dewi.UserID, "")
		g.Expect(f.Deliver(t, topic, uuid.NewString(), b).Status).To(Equal(http.StatusOK))
	}

	f.Do(t, servertest.Request{Method: http.MethodPost, Path: "/api/users/me/calendar", As: dewi})

	return dewi, []string{
		"leaver@example.com", "dewi@example.org", "Dewi Lestari", "812 999", "kecapi", ownHash, "token-in-clear",
	}
}

func TestHandlers_EraseUser(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	boss := f.admin(t)
	dewi, values := f.leaver(t)
	f.published(t)

	for _, value := range values[1:] {
		g.Expect(f.traces(t, value)).NotTo(BeEmpty(), value+" stands somewhere before")
	}

	for range 2 {
		erased := f.erase(t, dewi.UserID)
		g.Expect(erased.Status).To(Equal(http.StatusNoContent), string(erased.Body))
	}

	for _, value := range values {
		g.Expect(f.traces(t, value)).To(BeEmpty(), value)
	}

	g.Expect(f.count(t, "notifications WHERE user_id = $1", dewi.UserID)).To(BeZero())
	g.Expect(f.count(t, "users WHERE id = $1 AND calendar_secret_hash IS NULL AND last_login_at IS NULL", dewi.UserID)).To(Equal(1))
	g.Expect(f.count(t, "outbox_events WHERE topic = 'user.erased'")).To(Equal(1), "announced once")

	told := f.notifications(t, boss, "").Items
	g.Expect(told).To(ConsistOf(HaveField("Body", Not(ContainSubstring("Dewi")))), "names are those of now")

	for _, r := range []servertest.Request{
		{Method: http.MethodGet, Path: "/api/users/me", As: dewi},
		{Method: http.MethodGet, Path: "/api/users/me/notifications", As: dewi},
		{Method: http.MethodGet, Path: "/internal/export", As: dewi},
		{Method: http.MethodPatch, Path: "/api/users/me", As: dewi, Body: `{"full_name":"Dewi Lestari"}`},
		{Method: http.MethodGet, Path: "/api/users/" + dewi.UserID.String(), As: boss},
		{Method: http.MethodPatch, Path: "/api/users/" + dewi.UserID.String(), As: boss, Body: `{"status":"active"}`},
	} {
		g.Expect(f.Do(t, r).Code()).To(Equal("USER_NOT_FOUND"), r.Method+" "+r.Path)
	}

	search := f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/api/users?q=dewi", As: boss})
	g.Expect(search.Body).To(MatchJSON(`{"items":[],"next_cursor":null}`))
	g.Expect(f.create(t, map[string]any{"email": "dewi@example.org"}).Status).To(Equal(http.StatusCreated), "the address is free again")
}

// What arrives late about a person who has left reaches no other and brings nothing back.
func TestHandlers_EraseUser_LateEvents(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	dewi, values := f.leaver(t)
	g.Expect(f.erase(t, dewi.UserID).Status).To(Equal(http.StatusNoContent))
	f.published(t)

	late := aboutPiano(dewi.UserID, bookingevents.TypeRejected)
	g.Expect(f.Deliver(t, bookingevents.TopicRejected, "late", late).Status).To(Equal(http.StatusOK))
	g.Expect(f.internal(t, apps.Auth, http.MethodPost, "/internal/letters", letterOf("password_reset", dewi.UserID)).Code()).
		To(Equal("USER_NOT_FOUND"))

	for _, value := range values {
		g.Expect(f.traces(t, value)).To(BeEmpty(), value)
	}

	g.Expect(f.count(t, "notifications WHERE user_id = $1", dewi.UserID)).To(BeZero())
}

func TestHandlers_EraseUser_Refused(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	boss := f.admin(t)

	g.Expect(f.erase(t, uuid.New()).Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(f.erase(t, boss.UserID).Code()).To(Equal("USER_LAST_ADMIN"))
	g.Expect(f.internal(t, apps.Booking, http.MethodPost, "/internal/users/"+boss.UserID.String()+"/erase", nil).Code()).
		To(Equal("AUTH_FORBIDDEN"))
}

func TestHandlers_ReportErased(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	dewi, _ := f.leaver(t)
	g.Expect(f.erase(t, dewi.UserID).Status).To(Equal(http.StatusNoContent))

	keepers := []string{apps.Auth, apps.Booking, apps.Chat, apps.Recommendation}
	open := func() int { return f.count(t, "erasures WHERE done_at IS NULL AND app_id <> 'user-service'") }
	g.Expect(open()).To(Equal(len(keepers)))

	for i, app := range keepers {
		for range 2 {
			done := f.internal(t, app, http.MethodPost, "/internal/erasures/"+dewi.UserID.String()+"/done", nil)
			g.Expect(done.Status).To(Equal(http.StatusNoContent), app)
			g.Expect(open()).To(Equal(len(keepers)-i-1), app)
		}
	}

	var first, last time.Time
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT min(done_at), max(done_at) FROM users.erasures").Scan(&first, &last)).To(Succeed())
	g.Expect(first).To(BeTemporally("<", last), "each app is noted by itself")
}
