package auth_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

// TestService_Refresh_LapsedSession: sessions lapse after a week without use.
func TestService_Refresh_LapsedSession(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	f.clock.Advance(6 * 24 * time.Hour)
	other := f.login(t, abroad)
	f.clock.Advance(24 * time.Hour)
	_, err := f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken), "though the document is younger")

	_, err = f.Refresh(t.Context(), other.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	f.clock.Advance(7 * 24 * time.Hour)
	g.Expect(f.state.Keys()).To(BeEmpty())
}

func TestService_Logout(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first, second, third := f.register(t), f.login(t, home), f.login(t, abroad)
	me := principal(t, first)
	stranger := kitauth.Principal{UserID: uuid.New(), SessionID: uuid.New()}

	for _, bad := range []string{"forged", ""} {
		g.Expect(f.Logout(t.Context(), me, bad, home)).To(MatchError(autherrs.InvalidRefreshToken))
	}

	g.Expect(f.Logout(t.Context(), stranger, first.RefreshToken, home)).To(MatchError(autherrs.InvalidRefreshToken))
	g.Expect(f.open(t, first)).To(BeTrue(), "a person can't end another's session")

	g.Expect(f.Logout(t.Context(), me, first.RefreshToken, home)).To(Succeed())
	g.Expect(f.Logout(t.Context(), me, first.RefreshToken, home)).To(MatchError(autherrs.InvalidRefreshToken))
	g.Expect(f.open(t, first)).To(BeFalse())
	g.Expect(f.open(t, second)).To(BeTrue())

	g.Expect(f.EndSession(t.Context(), me, principal(t, second).SessionID, home)).To(Succeed())
	g.Expect(f.EndSession(t.Context(), me, principal(t, second).SessionID, home)).To(MatchError(autherrs.SessionNotFound))
	g.Expect(f.EndSession(t.Context(), stranger, principal(t, third).SessionID, home)).To(MatchError(autherrs.SessionNotFound))
	g.Expect(f.LogoutAll(t.Context(), me, home)).To(Succeed())
	g.Expect(f.open(t, third)).To(BeFalse())
	g.Expect(f.auditLog(t)).To(Equal([]string{"registered", "login", "login", "logout", "session_ended", "logout_all"}))
}

// TestService_Sessions: sessions are listed last used first, page by page.
func TestService_Sessions(t *testing.T) {
	g, f := NewWithT(t), setUp(t)

	grants := []*auth.Grant{f.register(t)}
	for range 4 {
		f.clock.Advance(time.Minute)
		grants = append(grants, f.login(t, abroad))
	}

	f.clock.Advance(time.Minute)
	_, err := f.Refresh(t.Context(), grants[1].RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	var want, got []uuid.UUID
	for _, i := range []int{1, 4, 3, 2, 0} {
		want = append(want, principal(t, grants[i]).SessionID)
	}

	var after *auth.Position
	for {
		found, end, err := f.Sessions(t.Context(), grants[0].User.ID, after, 2)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(len(found)).To(BeNumerically("<=", 2))

		for _, s := range found {
			got = append(got, s.ID)
		}

		if after = end; end == nil {
			break
		}
	}

	g.Expect(got).To(Equal(want))
}
