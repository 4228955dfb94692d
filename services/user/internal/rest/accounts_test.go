package rest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

// internal is a call of another service.
func (f *fixture) internal(t *testing.T, caller, method, path string, body any) servertest.Response {
	t.Helper()

	return f.Do(t, servertest.Request{
		Method: method,
		Path:   path,
		Caller: caller,
		Body:   body,
	})
}

// count returns the number that a query counts.
func (f *fixture) count(t *testing.T, from string, args ...any) (n int) {
	t.Helper()
	NewWithT(t).Expect(f.pool.QueryRow(t.Context(), "SELECT count(*) FROM users."+from, args...).Scan(&n)).To(Succeed())

	return n
}

// teacher returns an invited teacher with that address.
func (f *fixture) teacher(t *testing.T, address string) *auth.Principal {
	t.Helper()
	r := f.create(t, map[string]any{"email": address, "full_name": "Ibu Sari", "role": "teacher"})
	NewWithT(t).Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var a userhttp.Account
	r.Read(t, &a)

	return &auth.Principal{UserID: a.User.Id, SessionID: uuid.New(), Role: auth.Teacher}
}

// hashOf is the form in which the secret of a calendar's address is asked for.
func hashOf(secret string) string {
	hash := sha256.Sum256([]byte(secret))

	return base64.RawURLEncoding.EncodeToString(hash[:])
}

func letterOf(kind string, to uuid.UUID) map[string]any {
	return map[string]any{
		"id": uuid.NewString(), "kind": kind, "user_id": to, "token": "token-in-clear",
		"expires_at": time.Now().Add(time.Hour),
	}
}

func TestHandlers_CreateUser_Invited(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	invitation := map[string]any{
		"id": uuid.NewString(), "email": "sari@shema.music", "full_name": "Ibu Sari", "role": "teacher", "language": "en",
		"letter": map[string]any{
			"id": uuid.NewString(), "kind": "invitation", "token": "token-in-clear", "expires_at": time.Now().Add(72 * time.Hour),
		},
	}

	var first, again userhttp.Account
	f.internal(t, apps.Auth, http.MethodPost, "/internal/users", invitation).Read(t, &first)
	f.internal(t, apps.Auth, http.MethodPost, "/internal/users", invitation).Read(t, &again)

	g.Expect(again).To(Equal(first), "a repeated call answers the same")
	g.Expect(first.PasswordHash).To(BeEmpty(), "who was invited sets a password first")
	g.Expect(first.User).To(And(HaveField("Role", userhttp.Teacher), HaveField("Status", userhttp.Active),
		HaveField("Language", userhttp.En)))
	g.Expect(f.count(t, "letters WHERE kind = 'invitation' AND token = 'token-in-clear'")).To(Equal(1))
	g.Expect(f.count(t, "letters WHERE lane = 'accounts' AND due_at <= now()")).To(Equal(1), "and sends one mail")
	g.Expect(f.count(t, "outbox_events WHERE topic = 'user.access_changed'")).To(Equal(1))
	g.Expect(f.count(t, "outbox_events WHERE topic = 'user.registered'")).To(BeZero())
}

func TestHandlers_SetEmail(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.student(t, "siti@example.com")
	f.student(t, "budi@example.com")

	set := func(id uuid.UUID, address string) servertest.Response {
		return f.internal(t, apps.Auth, http.MethodPut, "/internal/users/"+id.String()+"/email", map[string]any{"email": address})
	}
	toOldAddress := "letters WHERE kind = 'email_changed' AND lower(address) = 'siti@example.com' AND user_id = $1"

	var a userhttp.Account
	set(siti.UserID, "Siti@Example.com").Read(t, &a)
	g.Expect(a.User.EmailVerifiedAt).NotTo(BeNil(), "one's own address is verified by it")
	g.Expect(f.count(t, "letters")).To(BeZero(), "and no letter is needed")

	for range 2 {
		set(siti.UserID, "new@example.com").Read(t, &a)
		g.Expect(a.User.Email).To(BeEquivalentTo("new@example.com"))
		g.Expect(f.count(t, toOldAddress, siti.UserID)).To(Equal(1), "the old address is told once")
	}

	g.Expect(set(siti.UserID, "BUDI@example.com").Code()).To(Equal("AUTH_EMAIL_TAKEN"))
	g.Expect(set(uuid.New(), "other@example.com").Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(set(siti.UserID, "no address").Code()).To(Equal("VALIDATION_FAILED"))
	g.Expect(f.count(t, "outbox_events WHERE topic = 'user.access_changed'")).To(BeZero(), "no lesson hangs on a student's")

	sari := f.teacher(t, "sari@example.com")
	g.Expect(set(sari.UserID, "ibu.sari@example.com").Status).To(Equal(http.StatusOK))
	g.Expect(f.count(t, `outbox_events WHERE topic = 'user.access_changed' AND data->>'userId' = $1::text`,
		sari.UserID)).To(Equal(2), "lessons are bound to the address: the invitation's event, and the new address's")
}

func TestHandlers_SendLetter(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.student(t, "siti@example.com")
	letter := letterOf("password_reset", siti.UserID)

	for range 2 {
		sent := f.internal(t, apps.Auth, http.MethodPost, "/internal/letters", letter)
		g.Expect(sent.Status).To(Equal(http.StatusNoContent), string(sent.Body))
	}

	g.Expect(f.count(t, "letters")).To(Equal(1))
	g.Expect(f.count(t, "letters WHERE lane = 'accounts' AND due_at <= now()")).To(Equal(1))

	unknown := f.internal(t, apps.Auth, http.MethodPost, "/internal/letters", letterOf("password_reset", uuid.New()))
	g.Expect(unknown.Code()).To(Equal("USER_NOT_FOUND"))
	g.Expect(f.internal(t, apps.Booking, http.MethodPost, "/internal/letters", letter).Code()).To(Equal("AUTH_FORBIDDEN"))
}

func TestHandlers_LookupTeachers(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	sari, gone := f.teacher(t, "Sari@shema.music"), f.teacher(t, "gone@shema.music")
	f.student(t, "siti@example.com")
	_, err := f.pool.Exec(t.Context(), "UPDATE users.users SET status = 'suspended' WHERE id = $1", gone.UserID)
	g.Expect(err).NotTo(HaveOccurred())

	var found userhttp.TeacherAccounts
	f.internal(t, apps.Booking, http.MethodPost, "/internal/teachers/lookup", map[string]any{"emails": []string{
		"SARI@shema.music", "gone@shema.music", "siti@example.com", "unknown@shema.music", "no address",
	}}).Read(t, &found)

	g.Expect(found.Items).To(Equal([]userhttp.TeacherAccount{{Email: "SARI@shema.music", Id: sari.UserID}}),
		"teachers who may sign in, by the address as it was given")
}

func TestHandlers_ActivateStudents(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti, budi, gone := f.student(t, "siti@example.com"), f.student(t, "budi@example.com"), f.student(t, "gone@example.com")
	_, err := f.pool.Exec(t.Context(), "UPDATE users.users SET status = 'suspended' WHERE id = $1", gone.UserID)
	g.Expect(err).NotTo(HaveOccurred())

	for range 2 {
		done := f.internal(t, apps.Booking, http.MethodPost, "/internal/students/activate",
			map[string]any{"user_ids": []uuid.UUID{siti.UserID, gone.UserID, uuid.New()}})
		g.Expect(done.Status).To(Equal(http.StatusNoContent), string(done.Body))
	}

	statuses := map[uuid.UUID]string{siti.UserID: "active", budi.UserID: "pending", gone.UserID: "suspended"}
	for id, status := range statuses {
		u, err := f.users.Get(t.Context(), id)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(u.Status).To(BeEquivalentTo(status))
	}
}

func TestHandlers_Calendar(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	siti := f.student(t, "siti@example.com")
	mine := func(method string) servertest.Response {
		return f.Do(t, servertest.Request{Method: method, Path: "/api/users/me/calendar", As: siti})
	}
	owner := func(address string) servertest.Response {
		secret := strings.TrimSuffix(strings.TrimPrefix(address, "https://shema.test/api/calendar/"), ".ics")
		g.Expect(secret).To(HaveLen(43), address)

		return f.internal(t, apps.Booking, http.MethodPost, "/internal/calendars/lookup",
			map[string]any{"secret_hash": hashOf(secret)})
	}

	var first, second userhttp.CalendarAddress
	mine(http.MethodPost).Read(t, &first)

	var found userhttp.CalendarOwner
	owner(first.Url).Read(t, &found)
	g.Expect(found).To(Equal(userhttp.CalendarOwner{UserId: siti.UserID, Role: userhttp.Student, Language: userhttp.Id}))

	mine(http.MethodPost).Read(t, &second)
	g.Expect(owner(first.Url).Code()).To(Equal("NOT_FOUND"), "a new address ends the former one")
	g.Expect(owner(second.Url).Status).To(Equal(http.StatusOK))

	g.Expect(mine(http.MethodDelete).Status).To(Equal(http.StatusNoContent))
	g.Expect(owner(second.Url).Code()).To(Equal("NOT_FOUND"))
	g.Expect(mine(http.MethodDelete).Status).To(Equal(http.StatusNoContent), "again")
}
