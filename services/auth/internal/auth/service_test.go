package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	. "github.com/onsi/gomega"
	"golang.org/x/crypto/bcrypt"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/authtest"
	"github.com/shema-music/shema/services/auth/internal/sessions"
	"github.com/shema-music/shema/services/auth/internal/store"
	"github.com/shema-music/shema/services/auth/migrations"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
	userhttp "github.com/shema-music/shema/services/contracts/user/http"
	kitauth "github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
	"github.com/shema-music/shema/services/kit/pgtest"
)

const (
	address  = "siti@example.com"
	password = "Gamelan-di-sore-hari"
)

var (
	home   = auth.Client{IP: "203.0.113.7", UserAgent: "browser", RequestID: "request-1"}
	abroad = auth.Client{IP: "198.51.100.9", UserAgent: "other"}
)

// counter counts the passwords that are looked at, and lets a test hold one up.
type counter struct {
	auth.Passwords

	checks atomic.Int64
	during func()
}

func (c *counter) Matches(ctx context.Context, hash, given string) (bool, error) {
	c.checks.Add(1)

	if c.during != nil {
		c.during()
	}

	return c.Passwords.Matches(ctx, hash, given)
}

type stubSigner struct{}

func (stubSigner) Sign(p kitauth.Principal) (string, error) {
	return fmt.Sprintf("%s %s %s", p.UserID, p.SessionID, p.Role), nil
}

type fixture struct {
	*auth.Service

	pool      *pgxpool.Pool
	clock     *clock.Fake
	state     *authtest.State
	accounts  *authtest.Accounts
	passwords *counter
}

func setUp(t *testing.T) *fixture {
	t.Helper()
	t.Parallel()
	g := NewWithT(t)
	hasher, err := auth.NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	tokens, err := auth.NewTokens(strings.Repeat("k", 32))
	g.Expect(err).NotTo(HaveOccurred())

	f := &fixture{clock: clock.NewFake(time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)), passwords: &counter{Passwords: hasher}}
	f.pool = pgtest.New(t, pgtest.Schema{Name: "auth", Role: "auth_service", Migrations: migrations.Files})
	f.state, f.accounts = authtest.NewState(f.clock), authtest.NewAccounts(f.clock)
	kept := store.New(f.pool)
	f.Service = auth.NewService(auth.Parts{
		Accounts:  f.accounts,
		Documents: sessions.New(f.state),
		Attempts:  kept,
		Audit:     kept,
		Passwords: f.passwords,
		Tokens:    tokens,
		Signer:    stubSigner{},
		Clock:     f.clock,
		Log:       slog.New(slog.DiscardHandler),
	})

	return f
}

func (f *fixture) register(t *testing.T) *auth.Grant {
	t.Helper()
	g, err := f.Register(t.Context(), &auth.Registration{
		Profile: userhttp.NewUser{Email: address, FullName: "Siti"}, Password: password,
	}, home)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return g
}

func (f *fixture) login(t *testing.T, c auth.Client) *auth.Grant {
	t.Helper()
	g, err := f.Login(t.Context(), address, password, c)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return g
}

// principal reads what the stub signer wrote.
func principal(t *testing.T, g *auth.Grant) kitauth.Principal {
	t.Helper()

	var user, session, role string

	_, err := fmt.Sscan(g.AccessToken, &user, &session, &role)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return kitauth.Principal{
		UserID:    uuid.MustParse(user),
		SessionID: uuid.MustParse(session),
		Role:      kitauth.Role(role),
	}
}

// open reports whether the grant's access token would be let through.
func (f *fixture) open(t *testing.T, g *auth.Grant) bool {
	t.Helper()
	p := principal(t, g)

	err := f.CheckSession(t.Context(), p.UserID, p.SessionID)
	if err != nil {
		NewWithT(t).Expect(err).To(MatchError(autherrs.SessionNotFound))
	}

	return err == nil
}

func (f *fixture) auditLog(t *testing.T) []string {
	t.Helper()

	var events []string

	err := f.pool.QueryRow(t.Context(), "SELECT coalesce(array_agg(event ORDER BY id), '{}') FROM auth.audit_log").Scan(&events)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return events
}

// pass lets the database's memory of guesses grow older.
func (f *fixture) pass(t *testing.T, d time.Duration) {
	t.Helper()

	for _, sql := range []string{
		"UPDATE auth.login_attempts SET at = at - $1::interval",
		"UPDATE auth.login_locks SET until = until - $1::interval",
		"UPDATE auth.known_networks SET last_login_at = last_login_at - $1::interval",
	} {
		_, err := f.pool.Exec(t.Context(), sql, d)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
	}
}

func TestRegisterAndLogin(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t)
	g.Expect(first.User.Email).To(Equal(address))
	g.Expect(first.User.LastLoginAt).NotTo(BeNil())
	g.Expect(f.state.Keys()).To(Equal([]string{"refresh_token:" + first.User.Id.String()}))

	second, err := f.Login(t.Context(), "  SITI@example.com ", password, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(f.open(t, first)).To(BeTrue())
	g.Expect(f.open(t, second)).To(BeTrue())

	_, err = f.Register(t.Context(), &auth.Registration{
		Profile: userhttp.NewUser{Email: "Siti@Example.com", FullName: "Another"}, Password: password,
	}, home)
	g.Expect(err).To(MatchError(ContainSubstring("AUTH_EMAIL_TAKEN")))

	_, err = f.Register(t.Context(), &auth.Registration{Profile: userhttp.NewUser{Email: "a@b.id"}, Password: "12345678"}, home)
	g.Expect(err).To(MatchError(autherrs.WeakPassword))
	g.Expect(f.auditLog(t)).To(Equal([]string{"registered", "login"}))
}

func TestWrongPasswordAndUnknownAddressAreAlike(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	_, wrong := f.Login(t.Context(), address, "not the password", home)
	_, unknown := f.Login(t.Context(), "nobody@example.com", "not the password", home)

	_, nonsense := f.Login(t.Context(), "not an address", "not the password", home)
	for _, err := range []error{wrong, unknown, nonsense} {
		g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
		g.Expect(err).To(Equal(wrong))
	}

	g.Expect(f.passwords.checks.Load()).To(BeEquivalentTo(3), "each of them cost a comparison")
}

func TestSuspendedPeopleLearnItAfterTheRightPasswordOnly(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	f.accounts.Change(grant.User.Id, true, func(u *userhttp.User) { u.Status = userhttp.Suspended })
	_, err := f.Login(t.Context(), address, "not the password", home)
	g.Expect(err).To(MatchError(autherrs.InvalidCredentials))

	_, err = f.Login(t.Context(), address, password, home)
	g.Expect(err).To(MatchError(autherrs.AccountSuspended))

	_, err = f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken), "even before the event has arrived")
	g.Expect(f.open(t, grant)).To(BeFalse())
}

func TestRefreshRotates(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first := f.register(t)
	f.clock.Advance(time.Hour)
	second, err := f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(second.RefreshToken).NotTo(Equal(first.RefreshToken))

	f.clock.Advance(10 * time.Second)
	again, err := f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(again.RefreshToken).To(Equal(second.RefreshToken), "the direct parent gives the same child")

	f.clock.Advance(time.Second)
	_, err = f.Refresh(t.Context(), first.RefreshToken, abroad)
	g.Expect(err).To(MatchError(autherrs.TokenReused))
	g.Expect(f.open(t, first)).To(BeFalse(), "the whole session has ended")

	_, err = f.Refresh(t.Context(), second.RefreshToken, abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken))

	_, err = f.Refresh(t.Context(), "forged", abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidRefreshToken))
	g.Expect(f.auditLog(t)).To(Equal([]string{"registered", "refresh_reused"}))
}

func TestParallelRefreshesOfOneTokenGetTheSameChild(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)

	const n = 8

	replicas := []*auth.Service{f.Service, auth.NewService(f.Parts), auth.NewService(f.Parts)}

	children := make(chan string, n)
	for i := range n {
		go func() {
			child, err := replicas[i%len(replicas)].Refresh(context.Background(), grant.RefreshToken, home)
			if err != nil {
				children <- err.Error()
				return
			}

			children <- child.RefreshToken
		}()
	}

	child := <-children
	for range n - 1 {
		g.Expect(<-children).To(Equal(child))
	}

	_, err := f.Refresh(t.Context(), child, home)
	g.Expect(err).NotTo(HaveOccurred())
}

func TestSessionsLapseAfterAWeekWithoutUse(t *testing.T) {
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

func TestLogout(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	first, second, third := f.register(t), f.login(t, home), f.login(t, abroad)
	me := principal(t, first)
	stranger := kitauth.Principal{UserID: uuid.New(), SessionID: uuid.New()}

	for _, bad := range []string{"forged", ""} {
		g.Expect(f.Logout(t.Context(), me, bad, home)).To(MatchError(autherrs.InvalidRefreshToken))
	}

	g.Expect(f.Logout(t.Context(), stranger, first.RefreshToken, home)).To(MatchError(autherrs.InvalidRefreshToken))
	g.Expect(f.open(t, first)).To(BeTrue(), "nobody ends another's session")

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

func TestSessionsAreListedLastUsedFirst(t *testing.T) {
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
		found, end, err := f.Sessions(t.Context(), grants[0].User.Id, after, 2)
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

func TestChangePassword(t *testing.T) {
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

func TestNoSessionOfTheOldPasswordOutlivesItsChange(t *testing.T) {
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

func TestAccessChangedDuringASignIn(t *testing.T) {
	cases := []struct {
		reason string
		change func(u *userhttp.User)
		err    error
	}{
		{"suspended meanwhile", func(u *userhttp.User) { u.Status = userhttp.Suspended }, autherrs.AccountSuspended},
		{"a new role meanwhile", func(u *userhttp.User) { u.Role = userhttp.Teacher }, nil},
	}
	for _, early := range []bool{true, false} {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s, event early %t", c.reason, early), func(t *testing.T) {
				g, f := NewWithT(t), setUp(t)
				user := f.register(t).User.Id
				replica := auth.NewService(f.Parts)
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

func TestOutagesLeaveNothingHalfDone(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	down := errs.Unavailable.Wrap(errors.New("away"))
	f.state.FailWith(down)
	_, err := f.Register(t.Context(), &auth.Registration{
		Profile: userhttp.NewUser{Email: address, FullName: "Siti"}, Password: password,
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

func TestFortyParallelGuessesReachThePasswordTenTimes(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("known address %t", known), func(t *testing.T) {
			g, f := NewWithT(t), setUp(t)
			if known {
				f.register(t)
			}

			replica, turn := auth.NewService(f.Parts), atomic.Int64{}
			outcomes := inParallel(40, func() error {
				service := f.Service
				if turn.Add(1)%2 == 0 {
					service = replica
				}

				_, err := service.Login(context.Background(), address, "wrong", home)

				return err
			})

			g.Expect(f.passwords.checks.Load()).To(BeEquivalentTo(10))
			g.Expect(outcomes["AUTH_INVALID_CREDENTIALS"]).To(Equal(10), "%v", outcomes)
			g.Expect(outcomes["AUTH_LOCKED"]).To(Equal(30), "%v", outcomes)
		})
	}
}

func TestTwentyParallelRightLoginsAllSucceed(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	user := f.register(t).User.Id
	replica, turn := auth.NewService(f.Parts), atomic.Int64{}
	outcomes := inParallel(20, func() error {
		service := f.Service
		if turn.Add(1)%2 == 0 {
			service = replica
		}

		_, err := service.Login(context.Background(), address, password, abroad)

		return err
	})
	g.Expect(outcomes).To(Equal(map[string]int{"": 20}))

	found, _, err := f.Sessions(t.Context(), user, nil, 100)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(found).To(HaveLen(21), "none got lost to another's write")
}

// inParallel counts the codes of n calls at once; success has none.
func inParallel(n int, call func() error) map[string]int {
	var (
		mu  sync.Mutex
		all sync.WaitGroup
	)

	outcomes := map[string]int{}
	for range n {
		all.Go(func() {
			code := ""
			if err := call(); err != nil {
				code = errs.Classify(err).Kind.Code()
			}

			mu.Lock()
			defer mu.Unlock()

			outcomes[code]++
		})
	}

	all.Wait()

	return outcomes
}

func TestTheLockOfAPair(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)

	try := func(given string, c auth.Client) error {
		_, err := f.Login(t.Context(), address, given, c)
		return err
	}
	for range 9 {
		g.Expect(try("wrong", abroad)).To(MatchError(autherrs.InvalidCredentials))
	}

	g.Expect(try(password, abroad)).To(Succeed(), "nine are none too many")
	g.Expect(try("wrong", abroad)).To(MatchError(autherrs.InvalidCredentials), "a right one between does not clear the count")

	locked := try(password, abroad)
	g.Expect(locked).To(MatchError(autherrs.Locked), "also for the right password")
	g.Expect(errs.Classify(locked).RetryAfter).To(BeNumerically("~", 15*time.Minute, time.Minute))
	g.Expect(try(password, auth.Client{IP: "198.51.100.200"})).To(MatchError(autherrs.Locked), "the whole /24")
	g.Expect(try(password, auth.Client{IP: "198.51.101.9"})).To(Succeed(), "not its neighbours")

	_, err := f.Login(t.Context(), "other@example.com", "wrong", abroad)
	g.Expect(err).To(MatchError(autherrs.InvalidCredentials), "not other people")

	_, err = f.Refresh(t.Context(), grant.RefreshToken, abroad)
	g.Expect(err).NotTo(HaveOccurred(), "open sessions go on")

	f.pass(t, 14*time.Minute)
	g.Expect(try(password, abroad)).To(MatchError(autherrs.Locked))

	f.pass(t, time.Minute)
	g.Expect(try(password, abroad)).To(Succeed(), "after 15 minutes it is over")
}

func TestGuessesOlderThanFifteenMinutesDoNotCount(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	for range 3 {
		for range 9 {
			_, err := f.Login(t.Context(), address, "wrong", home)
			g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
		}

		f.pass(t, 15*time.Minute)
	}
}

func TestTheLockEverywhere(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)

	for i := range 100 {
		_, err := f.Login(t.Context(), address, "wrong", auth.Client{IP: fmt.Sprintf("10.0.%d.1", i)})
		g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
	}

	_, err := f.Login(t.Context(), address, password, abroad)
	g.Expect(err).To(MatchError(autherrs.Locked), "a network that it does not know")

	f.login(t, home) // where it has registered
	f.pass(t, time.Hour)
	f.login(t, abroad)
	f.pass(t, 31*24*time.Hour)

	for i := range 100 {
		_, _ = f.Login(t.Context(), address, "wrong", auth.Client{IP: fmt.Sprintf("10.0.%d.1", i)})
	}

	_, err = f.Login(t.Context(), address, password, home)
	g.Expect(err).To(MatchError(autherrs.Locked), "known networks are forgotten after 30 days")
}

func TestAnAbandonedGuessCountsAsWrong(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)

	kept := store.New(f.pool)
	for range 10 {
		_, v, err := kept.Begin(t.Context(), auth.HashEmail(address), auth.Network(home.IP))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(v.Admitted).To(BeTrue())
	}

	_, v, err := kept.Begin(t.Context(), auth.HashEmail(address), auth.Network(home.IP))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(v).To(Equal(auth.Verdict{}), "an eleventh waits")

	f.pass(t, auth.AbandonedAfter)
	_, err = f.Login(t.Context(), address, password, home)
	g.Expect(err).To(MatchError(autherrs.Locked))
}

func TestForgetKeepsWhatTheRulesLookAt(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	f.login(t, home)
	_, _ = f.Login(t.Context(), address, "wrong", home)
	kept := store.New(f.pool)
	count := func() (n int) {
		g.Expect(f.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM auth.login_attempts)
			+ (SELECT count(*) FROM auth.known_networks)`).Scan(&n)).To(Succeed())

		return n
	}

	g.Expect(kept.Forget(t.Context())).To(Succeed())
	g.Expect(count()).To(Equal(2))

	f.pass(t, 31*24*time.Hour)
	g.Expect(kept.Forget(t.Context())).To(Succeed())
	g.Expect(count()).To(BeZero())
}

func TestAuditLogHoldsNoSecrets(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	grant := f.register(t)
	_, _ = f.Login(t.Context(), address, "a wrong password", home)
	_, err := f.Refresh(t.Context(), grant.RefreshToken, home)
	g.Expect(err).NotTo(HaveOccurred())

	var everything, ip, agent, request string
	g.Expect(f.pool.QueryRow(t.Context(), "SELECT string_agg(l::text, ' ') FROM auth.audit_log l").Scan(&everything)).To(Succeed())

	for _, secret := range []string{address, password, "a wrong password", grant.RefreshToken, "$2a$"} {
		g.Expect(everything).NotTo(ContainSubstring(secret))
	}

	g.Expect(f.pool.QueryRow(t.Context(), `SELECT ip, user_agent, request_id FROM auth.audit_log
		WHERE event = 'login_failed' AND user_id IS NOT NULL AND email_hash IS NOT NULL`).Scan(&ip, &agent, &request)).To(Succeed())
	g.Expect([]string{ip, agent, request}).To(Equal([]string{home.IP, home.UserAgent, home.RequestID}))
}
