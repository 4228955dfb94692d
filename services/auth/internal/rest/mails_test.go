package rest_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
)

const newPassword = "Angklung-dan-suling"

// work does the jobs that wait, and returns the letters of the kind that were sent so far.
func (f *fixture) work(t *testing.T, kind auth.MailKind) []auth.Letter {
	t.Helper()

	_, err := f.jobs.Work(t.Context(), f.service)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return f.accounts.Letters(kind)
}

func (f *fixture) login(t *testing.T, address, given string) servertest.Response {
	t.Helper()
	return f.post(t, "/login", "", map[string]string{"email": address, "password": given})
}

func (f *fixture) asAdmin(t *testing.T, method, path string, body any) servertest.Response {
	t.Helper()

	return f.Do(t, servertest.Request{
		Method:   method,
		Path:     path,
		Body:     body,
		ClientIP: "203.0.113.9",
		As:       &kitauth.Principal{UserID: uuid.New(), SessionID: uuid.New(), Role: kitauth.Admin},
	})
}

// TestHandlers_ForgotPassword: the answer is the same for every address, and the owner of an account gets a mail that works once.
func TestHandlers_ForgotPassword(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")

	known := f.post(t, "/password/forgot", "", map[string]string{"email": " SITI@example.com"})
	g.Expect(known.Status).To(Equal(http.StatusAccepted))
	g.Expect(string(known.Body)).To(MatchJSON(`{}`))

	for _, address := range []string{"unknown@example.com", "not an address"} {
		r := f.post(t, "/password/forgot", "", map[string]string{"email": address})
		g.Expect(r.Status).To(Equal(known.Status))
		g.Expect(r.Body).To(Equal(known.Body), address)
	}

	letters := f.work(t, auth.MailReset)
	g.Expect(letters).To(HaveLen(1))
	g.Expect(letters[0]).To(And(HaveField("UserID", s.User.Id), HaveField("Address", "")))

	reset := func(token, password string) servertest.Response {
		return f.post(t, "/password/reset", "", map[string]string{"token": token, "new_password": password})
	}
	weak := reset(letters[0].Token, "12345678")
	g.Expect(weak.Code()).To(Equal("AUTH_WEAK_PASSWORD"))
	g.Expect(weak.BadFields()).To(Equal([]string{"new_password"}))
	g.Expect(reset("invented", newPassword).Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"))
	g.Expect(reset("invented", newPassword).Status).To(Equal(http.StatusBadRequest))

	for range 10 {
		f.login(t, "siti@example.com", "wrong")
	}

	g.Expect(f.login(t, "siti@example.com", password).Code()).To(Equal("AUTH_LOCKED"))
	g.Expect(reset(letters[0].Token, newPassword).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.check(t, "api-gateway", s).Code()).To(Equal("AUTH_SESSION_NOT_FOUND"), "all sessions have ended")
	g.Expect(f.login(t, "siti@example.com", password).Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(f.login(t, "siti@example.com", newPassword).Status).To(Equal(http.StatusOK), "the lock is lifted")
	g.Expect(reset(letters[0].Token, newPassword).Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"), "works once")

	g.Expect(events(f.audit(t, "?event=password_reset"))).To(HaveLen(1))
	g.Expect(events(f.audit(t, "?event=password_forgotten"))).To(HaveLen(1))
}

// TestHandlers_ForgotPassword_Limit: three mails an hour; each works until one is used; the answer to the fourth is no different.
func TestHandlers_ForgotPassword_Limit(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t, "siti@example.com")

	for range 5 {
		r := f.post(t, "/password/forgot", "", map[string]string{"email": "siti@example.com"})
		g.Expect(r.Status).To(Equal(http.StatusAccepted))
	}

	letters := f.work(t, auth.MailReset)
	g.Expect(letters).To(HaveLen(3))

	r := f.post(t, "/password/reset", "", map[string]string{"token": letters[0].Token, "new_password": newPassword})
	g.Expect(r.Status).To(Equal(http.StatusNoContent), "the first one still works")

	r = f.post(t, "/password/reset", "", map[string]string{"token": letters[2].Token, "new_password": password})
	g.Expect(r.Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"), "a reset uses up the others")
}

// TestHandlers_ForgotPassword_Outage: the job goes on until the user service is back, and sends one mail.
func TestHandlers_ForgotPassword_Outage(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t, "siti@example.com")
	f.accounts.FailWith(errs.Unavailable)

	r := f.post(t, "/password/forgot", "", map[string]string{"email": "siti@example.com"})
	g.Expect(r.Status).To(Equal(http.StatusAccepted))

	_, err := f.jobs.Work(t.Context(), f.service)
	g.Expect(err).To(MatchError(errs.Unavailable))

	f.accounts.FailWith(nil)
	g.Expect(f.work(t, auth.MailReset)).To(HaveLen(1))
}

// TestHandlers_VerifyEmail: the mail of the registration verifies the address, and more of them are sent on request only.
func TestHandlers_VerifyEmail(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	g.Expect(s.User.EmailVerifiedAt).To(BeNil())
	g.Expect(f.accounts.Letters(auth.MailVerification)).To(HaveLen(1), "registering sends one")

	for range 4 {
		g.Expect(f.post(t, "/email/resend", s.AccessToken, nil).Status).To(Equal(http.StatusAccepted))
	}

	letters := f.accounts.Letters(auth.MailVerification)
	g.Expect(letters).To(HaveLen(3), "three an hour")

	verify := func(token string) servertest.Response {
		return f.post(t, "/email/verify", "", map[string]string{"token": token})
	}
	g.Expect(verify("invented").Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"))
	g.Expect(verify(letters[0].Token).Status).To(Equal(http.StatusNoContent))
	g.Expect(verify(letters[0].Token).Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"))

	account, err := f.accounts.ByID(t.Context(), s.User.Id)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(account.EmailVerifiedAt).NotTo(BeNil())
	g.Expect(f.post(t, "/password/reset", "", map[string]string{"token": letters[1].Token, "new_password": newPassword}).Code()).
		To(Equal("AUTH_INVALID_MAIL_TOKEN"), "not what it is for")

	g.Expect(f.post(t, "/email/resend", s.AccessToken, nil).Status).To(Equal(http.StatusAccepted))
	g.Expect(f.accounts.Letters(auth.MailVerification)).To(HaveLen(3), "none to a verified address")
	g.Expect(f.post(t, "/email/resend", "", nil).Code()).To(Equal("AUTH_MISSING_TOKEN"))
}

// TestHandlers_ChangeEmail: the address changes when the mail to the new one is answered.
func TestHandlers_ChangeEmail(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	f.register(t, "budi@example.com")
	f.post(t, "/password/forgot", "", map[string]string{"email": "siti@example.com"})
	reset := f.work(t, auth.MailReset)[0]

	change := func(address, given string) servertest.Response {
		return f.post(t, "/email", s.AccessToken, map[string]string{"new_email": address, "current_password": given})
	}
	g.Expect(change("new@example.com", "wrong").Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(change("Budi@Example.com", password).Code()).To(Equal("AUTH_EMAIL_TAKEN"))
	g.Expect(change("nonsense", password).BadFields()).To(Equal([]string{"new_email"}))
	g.Expect(change(" new@example.com ", password).Status).To(Equal(http.StatusAccepted))
	g.Expect(f.login(t, "siti@example.com", password).Status).To(Equal(http.StatusOK), "not yet")

	letter := f.accounts.Letters(auth.MailChange)[0]
	g.Expect(letter.Address).To(Equal("new@example.com"))
	g.Expect(f.post(t, "/email/verify", "", map[string]string{"token": letter.Token}).Status).To(Equal(http.StatusNoContent))
	g.Expect(f.login(t, "siti@example.com", password).Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))
	g.Expect(f.login(t, "new@example.com", password).Status).To(Equal(http.StatusOK))
	g.Expect(f.check(t, "api-gateway", s).Status).To(Equal(http.StatusNoContent), "sessions go on")

	late := f.post(t, "/password/reset", "", map[string]string{"token": reset.Token, "new_password": newPassword})
	g.Expect(late.Code()).To(Equal("AUTH_INVALID_MAIL_TOKEN"), "a mail to the former address is worth nothing")

	for range 2 {
		g.Expect(change("other@example.com", password).Status).To(Equal(http.StatusAccepted))
	}

	many := change("other@example.com", password)
	g.Expect(many.Code()).To(Equal("RATE_LIMITED"))
	g.Expect(many.Header.Get("Retry-After")).To(Equal("600"))
}

// TestHandlers_ChangeEmail_TakenMeanwhile: an address that another account has got by then is refused, and the token goes on.
func TestHandlers_ChangeEmail_TakenMeanwhile(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	s := f.register(t, "siti@example.com")
	f.post(t, "/email", s.AccessToken, map[string]string{"new_email": "new@example.com", "current_password": password})
	token := map[string]string{"token": f.accounts.Letters(auth.MailChange)[0].Token}
	other := f.register(t, "new@example.com")

	g.Expect(f.post(t, "/email/verify", "", token).Code()).To(Equal("AUTH_EMAIL_TAKEN"))
	g.Expect(f.accounts.SetEmail(t.Context(), other.User.Id, "another@example.com")).To(Succeed())
	g.Expect(f.post(t, "/email/verify", "", token).Status).To(Equal(http.StatusNoContent))
}

// TestHandlers_InviteUser: who is invited cannot sign in before setting a password with the mail's token.
func TestHandlers_InviteUser(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	body := map[string]string{"email": "sari@example.com", "full_name": "Sari Wulandari", "role": "teacher", "language": "en"}

	r := f.asAdmin(t, http.MethodPost, "/api/users", body)
	g.Expect(r.Status).To(Equal(http.StatusCreated), string(r.Body))

	var invited authhttp.User
	r.Read(t, &invited)
	g.Expect(invited).To(And(HaveField("Role", authhttp.Teacher), HaveField("Status", authhttp.Active), HaveField("Email", "sari@example.com")))

	g.Expect(f.asAdmin(t, http.MethodPost, "/api/users", body).Code()).To(Equal("AUTH_EMAIL_TAKEN"))
	g.Expect(f.asAdmin(t, http.MethodPost, "/api/users", `{"email":"x","full_name":" ","role":"boss"}`).BadFields()).
		To(ConsistOf("email", "full_name", "role"))
	g.Expect(f.login(t, "sari@example.com", "").Code()).To(Equal("VALIDATION_FAILED"))
	g.Expect(f.login(t, "sari@example.com", "anything").Code()).To(Equal("AUTH_INVALID_CREDENTIALS"))

	letter := f.accounts.Letters(auth.MailInvitation)[0]
	set := f.post(t, "/password/reset", "", map[string]string{"token": letter.Token, "new_password": newPassword})
	g.Expect(set.Status).To(Equal(http.StatusNoContent), string(set.Body))
	g.Expect(f.login(t, "sari@example.com", newPassword).Status).To(Equal(http.StatusOK))

	line := f.audit(t, "?event=invited").Items[0]
	g.Expect(line.UserId).To(HaveValue(Equal(invited.Id)))
	g.Expect(line.Details.Role).To(HaveValue(BeEquivalentTo("teacher")))

	student := f.register(t, "siti@example.com")
	refused := f.Do(t, servertest.Request{Method: http.MethodPost, Path: "/api/users", Token: student.AccessToken, Body: body})
	g.Expect(refused.Code()).To(Equal("AUTH_FORBIDDEN"))
}

// TestHandlers_MailTokens_NotKept: nothing that is kept has a token in clear.
func TestHandlers_MailTokens_NotKept(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t, "siti@example.com")
	f.post(t, "/password/forgot", "", map[string]string{"email": "siti@example.com"})

	tokens := []string{f.work(t, auth.MailReset)[0].Token, f.accounts.Letters(auth.MailVerification)[0].Token}

	for _, table := range []string{"mail_tokens", "audit_log", "river_job"} {
		var everything string
		g.Expect(f.pool.QueryRow(t.Context(), "SELECT coalesce(string_agg(l::text, ' '), '') FROM auth."+table+" l").Scan(&everything)).To(Succeed())

		for _, token := range tokens {
			g.Expect(everything).NotTo(ContainSubstring(token), table)
		}
	}
}
