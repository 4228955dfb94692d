package auth_test

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/contracts/errs"
)

// TestService_Outage: outages of the neighbours leave nothing half done.
func TestService_Outage(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	down := errs.Unavailable.Wrap(errors.New("away"))
	f.state.FailWith(down)
	_, err := f.Register(t.Context(), &auth.Registration{
		Profile: auth.NewAccount{Email: address, FullName: "Siti"}, Password: password,
	}, home)
	g.Expect(err).To(MatchError(errs.Unavailable))

	f.state.FailWith(nil)
	grant := f.login(t, home)
	me := principal(t, grant)

	f.accounts.FailWith(down)

	for range 12 {
		_, err = f.Login(t.Context(), address, "wrong", home)
		g.Expect(err).To(MatchError(errs.Unavailable))
	}

	_, err = f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).To(MatchError(errs.Unavailable))

	f.accounts.FailWith(nil)
	f.login(t, home) // what was never looked at did not count

	f.state.FailWith(down)

	for _, err := range []error{
		f.CheckSession(t.Context(), me.UserID, me.SessionID), f.LogoutAll(t.Context(), me, home),
		f.ChangePassword(t.Context(), me, password, "Angklung-dan-suling", home),
	} {
		g.Expect(err).To(MatchError(errs.Unavailable))
	}

	f.state.FailWith(nil)
	f.login(t, home) // the password has not changed
	_, err = f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())
}
