package auth_test

import (
	"context"
	"fmt"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	kitauth "github.com/shema-music/shema/services/kit/auth"
)

func TestService_Login_AfterRegistration(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t)
	g.Expect(first.User.Email).To(Equal(address))
	g.Expect(first.User.LastLoginAt).NotTo(BeNil())
	g.Expect(f.state.Keys()).To(Equal([]string{"refresh_token:" + first.User.ID.String()}))

	second, err := f.Login(t.Context(), "  SITI@example.com ", password, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.open(t, first)).To(BeTrue())
	g.Expect(f.open(t, second)).To(BeTrue())

	_, err = f.Register(t.Context(), &auth.Registration{
		Profile: auth.NewAccount{Email: "Siti@Example.com", FullName: "Another"}, Password: password,
	}, home)
	g.Expect(err).To(MatchError(ContainSubstring("AUTH_EMAIL_TAKEN")))

	_, err = f.Register(t.Context(), &auth.Registration{Profile: auth.NewAccount{Email: "a@b.id"}, Password: "12345678"}, home)
	g.Expect(err).To(MatchError(autherrs.WeakPassword))
	g.Expect(f.auditLog(t)).To(Equal([]string{"registered", "login"}))
}

// TestService_Login_UnknownAddress: an unknown address and a wrong password are answered alike, at the same price.
func TestService_Login_UnknownAddress(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	_, wrong := f.Login(t.Context(), address, "not the password", home)
	_, unknown := f.Login(t.Context(), "unknown@example.com", "not the password", home)

	_, nonsense := f.Login(t.Context(), "not an address", "not the password", home)
	for _, err := range []error{wrong, unknown, nonsense} {
		g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
		g.Expect(err).To(Equal(wrong))
	}

	g.Expect(f.passwords.checks.Load()).To(BeEquivalentTo(3), "each of them cost a comparison")
}

// TestService_Login_Suspended: suspended people learn of it after the right password only.
func TestService_Login_Suspended(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	f.accounts.Change(grant.User.ID, true, func(u *auth.User) { u.Status = auth.Suspended })
	_, err := f.Login(t.Context(), address, "not the password", home)
	g.Expect(err).To(MatchError(autherrs.InvalidCredentials))

	_, err = f.Login(t.Context(), address, password, home)
	g.Expect(err).To(MatchError(autherrs.AccountSuspended))

	_, err = f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken), "even before the event has arrived")
	g.Expect(f.open(t, grant)).To(BeFalse())
}

func TestService_Login_AccessChangesMeanwhile(t *testing.T) {
	cases := []struct {
		reason string
		change func(u *auth.User)
		err    error
	}{
		{"suspended meanwhile", func(u *auth.User) { u.Status = auth.Suspended }, autherrs.AccountSuspended},
		{"a new role meanwhile", func(u *auth.User) { u.Role = kitauth.Teacher }, nil},
	}
	for _, early := range []bool{true, false} {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s, event early %t", c.reason, early), func(t *testing.T) {
				g, f := NewWithT(t), setUp(t)
				user := f.register(t).User.ID
				replica := auth.NewService(f.options)
				f.state.BeforeNextSave(func() {
					epoch := f.accounts.Change(user, true, c.change)
					if early {
						g.Expect(replica.AccessChanged(context.Background(), user, epoch)).To(Succeed())
					}
				})

				grant, err := f.Login(t.Context(), address, password, home)
				if c.err != nil {
					g.Expect(err).To(MatchError(c.err))

					found, _, _ := f.Sessions(t.Context(), user, nil, 100)
					g.Expect(len(found)).To(BeNumerically("<=", 1), "no session of this login")

					return
				}

				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(principal(t, grant).Role).To(Equal(kitauth.Teacher), "with the new role")
				g.Expect(f.AccessChanged(t.Context(), user, 2)).To(Succeed())
				g.Expect(f.open(t, grant)).To(BeTrue(), "began after the change")
			})
		}
	}
}
