package rest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/kit/servertest"
)

func (f *fixture) leave(t *testing.T, s authhttp.Session, given string) servertest.Response {
	t.Helper()

	return f.Do(t, servertest.Request{
		Method:   http.MethodDelete,
		Path:     "/api/users/me",
		Token:    s.AccessToken,
		Body:     map[string]string{"current_password": given},
		ClientIP: "203.0.113.7",
	})
}

// erased delivers what the user service says when a person has left.
func (f *fixture) erased(t *testing.T, id uuid.UUID, address, event string) servertest.Response {
	t.Helper()

	sum := sha256.Sum256([]byte(address))

	return f.Deliver(t, userevents.TopicErased, event, userevents.Erased{
		EventType: userevents.TypeErased,
		UserID:    id,
		EmailHash: hex.EncodeToString(sum[:]),
		Timestamp: time.Now(),
	})
}

// TestHandlers_DeleteMe: who knows the password leaves for good, and at once.
func TestHandlers_DeleteMe(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")

	g.Expect(f.leave(t, s, "wrong").Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(f.check(t, "api-gateway", s).Status).To(Equal(http.StatusNoContent))

	left := f.leave(t, s, password)
	g.Expect(left.Status).To(Equal(http.StatusNoContent), string(left.Body))
	g.Expect(kept(left)).To(taken())
	g.Expect(f.check(t, "api-gateway", s).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"))
	g.Expect(f.post(t, "/refresh", "", map[string]any{"refresh_token": s.RefreshToken}).Code()).To(Equal("AUTH_INVALID_REFRESH_TOKEN"))
	g.Expect(f.login(t, "siti@example.com", password).Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(f.leave(t, s, password).Code()).To(Equal("AUTH_INVALID_TOKEN"), "the account is gone")

	line := f.audit(t, "?event=erased").Items[0]
	g.Expect(line.UserId).To(HaveValue(Equal(s.User.Id)))
	g.Expect(line.Ip).To(BeNil())
}

// TestHandlers_DeleteUser: an admin deletes a person with a reason, but neither the last admin nor one who has left.
func TestHandlers_DeleteUser(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	reason := map[string]string{"reason": "Asked for it by telephone."}
	path := "/api/users/" + s.User.Id.String()

	g.Expect(f.asAdmin(t, http.MethodDelete, path, map[string]string{"reason": " "}).BadFields()).To(Equal([]string{"reason"}))
	g.Expect(f.Do(t, servertest.Request{Method: http.MethodDelete, Path: path, Token: s.AccessToken, Body: reason}).Code()).To(Equal("AUTH_FORBIDDEN"))
	g.Expect(f.asAdmin(t, http.MethodDelete, path, reason).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.asAdmin(t, http.MethodDelete, path, reason).Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(f.check(t, "api-gateway", s).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"))

	line := f.audit(t, "?event=erased").Items[0]
	g.Expect(line.Details.Reason).To(HaveValue(Equal("Asked for it by telephone.")))
	g.Expect(line.ActorId).NotTo(Or(BeNil(), HaveValue(Equal(s.User.Id))))

	boss := f.register(t, "boss@example.com")
	f.accounts.Change(boss.User.Id, true, func(u *auth.User) { u.Role = "admin" })
	g.Expect(f.asAdmin(t, http.MethodDelete, "/api/users/"+boss.User.Id.String(), reason).Code()).To(Equal("USER_LAST_ADMIN"))
}

// TestInbox_Erased: after the event nothing of the person is kept but who did what when, and the user service hears of it.
func TestInbox_Erased(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s, other := f.register(t, "siti@example.com"), f.register(t, "budi@example.com")
	f.login(t, "siti@example.com", "wrong")
	f.login(t, "budi@example.com", "wrong")
	f.post(t, "/password/forgot", "", map[string]string{"email": "siti@example.com"})
	f.work(t, auth.MailReset)

	for range 2 {
		g.Expect(f.erased(t, s.User.Id, "siti@example.com", "event-1").Status).To(Equal(http.StatusOK))
	}

	count := func(sql string, args ...any) (n int) {
		g.Expect(f.pool.QueryRow(t.Context(), sql, args...).Scan(&n)).To(Succeed())
		return n
	}
	hash := auth.HashEmail("siti@example.com")

	for _, table := range []string{"login_attempts", "login_locks", "known_networks", "audit_log"} {
		g.Expect(count("SELECT count(*) FROM auth."+table+" WHERE email_hash = $1", hash[:])).To(BeZero(), table)
	}

	g.Expect(count("SELECT count(*) FROM auth.mail_tokens WHERE user_id = $1", s.User.Id)).To(BeZero())
	g.Expect(count("SELECT count(*) FROM auth.audit_log WHERE user_id = $1 AND (ip IS NOT NULL OR user_agent IS NOT NULL)", s.User.Id)).To(BeZero())
	g.Expect(count("SELECT count(*) FROM auth.audit_log WHERE user_id = $1", s.User.Id)).To(Equal(3), "what happened stays")
	g.Expect(count("SELECT count(*) FROM auth.audit_log WHERE user_id = $1 AND ip IS NOT NULL", other.User.Id)).To(Equal(2), "other people's too")
	g.Expect(f.check(t, "api-gateway", s).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"))
	g.Expect(f.check(t, "api-gateway", other).Status).To(Equal(http.StatusNoContent))

	worked, err := f.jobs.Work(t.Context(), f.service)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(worked).To(Equal(1), "once")
	g.Expect(f.accounts.Reported()).To(Equal([]uuid.UUID{s.User.Id}))

	g.Expect(f.service.SendReset(t.Context(), auth.ForgottenPassword{LetterID: uuid.New(), Email: "siti@example.com"})).To(Succeed())
	g.Expect(count("SELECT count(*) FROM auth.mail_tokens WHERE user_id = $1", s.User.Id)).To(BeZero(), "what is late brings nothing back")
}

// TestHandlers_ExportPerson: people get what is kept of them here, and not the addresses of others.
func TestHandlers_ExportPerson(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	f.register(t, "budi@example.com")

	admin := uuid.New()
	_, err := f.pool.Exec(t.Context(), `INSERT INTO auth.audit_log (id, event, actor_id, user_id, ip)
		VALUES (gen_random_uuid(), 'access_changed', $1, $2, '198.51.100.1')`, admin, s.User.Id)
	g.Expect(err).NotTo(HaveOccurred())

	ask := func(query string) authhttp.ExportPage {
		r := f.get(t, "/internal/export"+query, s.AccessToken)
		g.Expect(r.Status).To(Equal(http.StatusOK), string(r.Body))

		var part authhttp.ExportPage
		r.Read(t, &part)

		return part
	}
	change := map[string]any{"new_email": "baru@example.com", "current_password": password}
	g.Expect(f.post(t, "/email", s.AccessToken, change).Status).To(Equal(http.StatusAccepted))

	part := ask("")
	g.Expect(part.NextCursor).To(BeNil())
	g.Expect(part.Sections["mail_tokens"]).To(ConsistOf(
		And(HaveKeyWithValue("kind", "email_verification"), HaveKeyWithValue("address", BeNil())),
		And(HaveKeyWithValue("kind", "email_change"), HaveKeyWithValue("address", "baru@example.com"), HaveKeyWithValue("used_at", BeNil())),
	))
	g.Expect(part.Sections["sessions"]).To(ConsistOf(And(HaveKeyWithValue("ip", "203.0.113.7"), HaveKeyWithValue("current", true))))
	g.Expect(part.Sections["audit"]).To(ConsistOf(
		And(HaveKeyWithValue("event", "registered"), HaveKeyWithValue("ip", "203.0.113.7")),
		And(HaveKeyWithValue("event", "access_changed"), HaveKeyWithValue("ip", BeNil())),
		HaveKeyWithValue("event", "password_verified"),
		HaveKeyWithValue("event", "email_change_requested"),
		HaveKeyWithValue("event", "exported"),
	))

	_, err = f.pool.Exec(t.Context(), `INSERT INTO auth.audit_log (id, at, event, user_id)
		SELECT gen_random_uuid(), now() - make_interval(secs => n), 'login', $1 FROM generate_series(1, 600) AS n`, s.User.Id)
	g.Expect(err).NotTo(HaveOccurred())

	part = ask("")
	g.Expect(part.Sections["audit"]).To(HaveLen(500))

	part = ask("?cursor=" + *part.NextCursor)
	g.Expect(part.Sections["audit"]).To(HaveLen(106))
	g.Expect(part.Sections).NotTo(Or(HaveKey("sessions"), HaveKey("mail_tokens")))
	g.Expect(part.NextCursor).To(BeNil())

	g.Expect(f.Do(t, servertest.Request{Method: http.MethodGet, Path: "/internal/export", Token: s.AccessToken, Caller: "booking-service"}).Code()).
		To(Equal("AUTH_FORBIDDEN"))
}
