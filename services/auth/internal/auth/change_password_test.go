package auth_test

import (
	"context"
	"testing"

	. "github.com/onsi/gomega"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
)

func TestService_ChangePassword(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	here, there := f.register(t), f.login(t, abroad)
	me := principal(t, here)
	change := func(current, replacement string) error {
		return f.ChangePassword(t.Context(), me, current, replacement, home)
	}
	g.Expect(change(password, "short")).To(MatchError(autherrs.WeakPassword))
	g.Expect(change(password, address)).To(MatchError(autherrs.WeakPassword))
	g.Expect(change("wrong", "Angklung-dan-suling")).To(MatchError(autherrs.InvalidCredentials))
	g.Expect(f.open(t, there)).To(BeTrue())
	g.Expect(change(password, "Angklung-dan-suling")).To(Succeed())
	g.Expect(f.open(t, here)).To(BeTrue(), "this session goes on")
	g.Expect(f.open(t, there)).To(BeFalse(), "the others have ended")

	_, err := f.Refresh(t.Context(), here.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	_, err = f.Login(t.Context(), address, password, home)
	g.Expect(err).To(MatchError(autherrs.InvalidCredentials))

	_, err = f.Login(t.Context(), address, "Angklung-dan-suling", home)
	g.Expect(err).NotTo(HaveOccurred())

	for range 10 {
		_ = change("wrong", "Kendang-dan-rebab")
	}

	g.Expect(change("Angklung-dan-suling", "Kendang-dan-rebab")).To(MatchError(autherrs.Locked), "guesses here count too")
}

// TestService_ChangePassword_DuringLogin: no session of the old password outlives its change.
func TestService_ChangePassword_DuringLogin(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	me := principal(t, f.register(t))
	changed := false
	f.passwords.during = func() {
		if changed {
			return
		}

		changed = true // the change happens while the login compares the old password

		g.Expect(f.ChangePassword(context.Background(), me, password, "Angklung-dan-suling", home)).To(Succeed())
	}
	_, err := f.Login(t.Context(), address, password, abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidCredentials))

	found, _, err := f.Sessions(t.Context(), me.UserID, nil, 100)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(1))
}
