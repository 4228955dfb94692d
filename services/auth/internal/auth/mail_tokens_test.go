package auth_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

// forgot asks for a new password and returns the token of the mail.
func (f *fixture) forgot(t *testing.T) string {
	t.Helper()
	g := NewWithT(t)
	g.Expect(f.Forgot(t.Context(), address, home)).To(Succeed())

	_, err := f.jobs.Work(t.Context(), f.Service)
	g.Expect(err).NotTo(HaveOccurred())

	letters := f.accounts.Letters(auth.MailReset)

	return letters[len(letters)-1].Token
}

// TestService_Reset_InParallel: of those who come with one token at once, at two replicas, one sets the password.
func TestService_Reset_InParallel(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	token, replica := f.forgot(t), auth.NewService(f.options)
	services := []*auth.Service{f.Service, replica}
	turns := make(chan int, 8)

	for i := range 8 {
		turns <- i
	}

	outcomes := inParallel(8, func() error {
		return services[<-turns%2].Reset(context.Background(), token, "Angklung-dan-suling", home)
	})
	g.Expect(outcomes).To(Equal(map[string]int{"": 1, "AUTH_INVALID_MAIL_TOKEN": 7}))
}

// TestService_SendReset_InParallel: however many ask at once, three mails an hour go out.
func TestService_SendReset_InParallel(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)

	outcomes := inParallel(12, func() error {
		return f.SendReset(context.Background(), auth.ForgottenPassword{LetterID: uuid.New(), Email: address})
	})
	g.Expect(outcomes).To(Equal(map[string]int{"": 12}))
	g.Expect(f.accounts.Letters(auth.MailReset)).To(HaveLen(3))
}

// TestService_Reset_Outage: a token whose reset could not be done works again.
func TestService_Reset_Outage(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	token := f.forgot(t)

	f.state.FailWith(errs.Unavailable)
	g.Expect(f.Reset(t.Context(), token, "Angklung-dan-suling", home)).To(MatchError(errs.Unavailable))

	f.state.FailWith(nil)
	g.Expect(f.Reset(t.Context(), token, "Angklung-dan-suling", home)).To(Succeed())
}

// TestService_Reset_Expired: a reset token lives for an hour, and a new hour has new mails.
func TestService_Reset_Expired(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	token := f.forgot(t)
	age := func(d time.Duration) {
		_, err := f.pool.Exec(t.Context(), `UPDATE auth.mail_tokens
			SET created_at = created_at - $1::interval, expires_at = expires_at - $1::interval`, d)
		g.Expect(err).NotTo(HaveOccurred())
	}

	f.forgot(t)
	f.forgot(t)
	age(59 * time.Minute)

	second := f.forgot(t)
	g.Expect(f.accounts.Letters(auth.MailReset)).To(HaveLen(3))

	age(time.Minute)
	g.Expect(f.Reset(t.Context(), token, "Angklung-dan-suling", home)).To(MatchError(autherrs.InvalidMailToken))
	g.Expect(f.Reset(t.Context(), second, "Angklung-dan-suling", home)).To(MatchError(autherrs.InvalidMailToken))
	g.Expect(f.Reset(t.Context(), f.forgot(t), "Angklung-dan-suling", home)).To(Succeed())
}

// TestService_SendReset_Suspended: who is suspended gets no mail.
func TestService_SendReset_Suspended(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	f.accounts.Change(grant.User.ID, true, func(u *auth.User) { u.Status = auth.Suspended })

	g.Expect(f.Forgot(t.Context(), address, home)).To(Succeed())

	_, err := f.jobs.Work(t.Context(), f.Service)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.accounts.Letters(auth.MailReset)).To(BeEmpty())
}
