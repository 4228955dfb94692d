package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/auth/internal/auth"
	"github.com/shema-music/shema/services/auth/internal/store"
	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

func TestService_Login_PairLock(t *testing.T) {
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

// TestService_Login_OldGuesses: guesses older than fifteen minutes do not count.
func TestService_Login_OldGuesses(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	for range 3 {
		for range 9 {
			_, err := f.Login(t.Context(), address, "wrong", home)
			g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
		}

		f.pass(t, 15*time.Minute)
	}
}

func TestService_Login_LockEverywhere(t *testing.T) {
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

// TestService_Login_AbandonedGuess: a guess whose process died counts as wrong.
func TestService_Login_AbandonedGuess(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)

	kept := store.New(f.pool, f.jobs)
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

// TestStore_Tidy: what the rules still look at is kept, the rest is deleted.
func TestStore_Tidy(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	f.register(t)
	f.login(t, home)
	_, _ = f.Login(t.Context(), address, "wrong", home)
	kept := store.New(f.pool, f.jobs)
	count := func() (n int) {
		g.Expect(f.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM auth.login_attempts)
			+ (SELECT count(*) FROM auth.known_networks)`).Scan(&n)).To(Succeed())

		return n
	}

	g.Expect(kept.Tidy(t.Context())).To(Succeed())
	g.Expect(count()).To(Equal(2))

	f.pass(t, 31*24*time.Hour)
	g.Expect(kept.Tidy(t.Context())).To(Succeed())
	g.Expect(count()).To(BeZero())
}

// TestStore_Tidy_Audit: lines are kept for a year, those about unknown people for a month.
func TestStore_Tidy_Audit(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	kept, id := store.New(f.pool, f.jobs), uuid.New()
	now := time.Now()

	for _, days := range []int{29, 31, 364, 366} {
		at := now.AddDate(0, 0, -days)
		g.Expect(kept.Record(t.Context(), auth.Entry{Event: auth.EventLogin, UserID: &id, At: at})).To(Succeed())
		g.Expect(kept.Record(t.Context(), auth.Entry{Event: auth.EventLoginFailed, At: at})).To(Succeed())
	}

	g.Expect(kept.Tidy(t.Context())).To(Succeed())
	g.Expect(f.auditLog(t)).To(Equal([]string{"login", "login", "login", "login_failed"}))
}

// TestService_Login_AnonymousLines: guesses at addresses without an account fill the log only so fast.
func TestService_Login_AnonymousLines(t *testing.T) {
	g, f := NewWithT(t), setUp(t)
	for i := range 250 {
		_, err := f.Login(t.Context(), fmt.Sprintf("unknown-%d@example.com", i), "wrong", auth.Client{IP: fmt.Sprintf("10.0.%d.1", i)})
		g.Expect(err).To(MatchError(autherrs.InvalidCredentials))
	}

	g.Expect(len(f.auditLog(t))).To(BeNumerically("<", 240))
}
