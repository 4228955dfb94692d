package auth

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"
	"golang.org/x/crypto/bcrypt"

	autherrs "github.com/shema-music/shema/services/contracts/auth/errs"
	"github.com/shema-music/shema/services/contracts/errs"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func TestCheckNewPassword(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason, password, address string
		want                      errs.Text
	}{
		{"seven bytes", "aB3$xyz", "siti@example.com", tooShort},
		{"eight bytes", "aB3$xyzq", "siti@example.com", errs.Text{}},
		{"bytes count, not letters", "éééé", "siti@example.com", errs.Text{}},
		{"72 bytes", strings.Repeat("aB3$xyzq", 9), "siti@example.com", errs.Text{}},
		{"73 bytes", strings.Repeat("aB3$xyzq", 9) + "a", "siti@example.com", tooLong},
		{"emoji take four bytes each", strings.Repeat("🎹", 19), "siti@example.com", tooLong},
		{"a common one", "password1", "siti@example.com", tooCommon},
		{"a common one in capitals", "PassWord1", "siti@example.com", tooCommon},
		{"an Indonesian one", "Bismillah", "siti@example.com", tooCommon},
		{"the e-mail address", "siti@example.com", "siti@example.com", isEmail},
		{"the e-mail address in another case", "Siti@Example.COM", "siti@example.com", isEmail},
		{"its local part", "Siti.Aminah", "siti.aminah@example.com", isEmail},
		{"what merely holds the local part", "siti.aminah.1", "siti.aminah@example.com", errs.Text{}},
		{"NUL", "secret\x00secret", "siti@example.com", hasNUL},
		{"empty", "", "siti@example.com", tooShort},
	}
	for _, c := range cases {
		reason, weak := weakness(c.password, c.address)
		NewWithT(t).Expect(reason).To(Equal(c.want), c.reason)
		NewWithT(t).Expect(weak).To(Equal(c.want != errs.Text{}), c.reason)
	}

	err := CheckNewPassword("new_password", "short", "siti@example.com")
	NewWithT(t).Expect(err).To(MatchError(autherrs.WeakPassword))
	_, body, _ := errs.Render(err, "id")
	NewWithT(t).Expect(body.Details["fields"]).To(Equal([]errs.RenderedField{{Field: "new_password", Message: tooShort.Indonesian}}))
}

func TestCommonPasswordsCouldBeChosen(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.Expect(len(commonPasswords())).To(BeNumerically(">", 500))

	for p := range commonPasswords() {
		g.Expect(p).To(Equal(strings.ToLower(p)), "compared in lower case")
		g.Expect(len(p)).To(BeNumerically(">=", minPasswordBytes), p)
	}
}

func TestBcryptLooksAtEveryByte(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	b, err := NewBcrypt(bcrypt.MinCost)
	g.Expect(err).NotTo(HaveOccurred())

	long := strings.Repeat("x", maxPasswordBytes)

	cases := []struct {
		reason, kept, given string
		want                bool
	}{
		{"the same", "correct horse", "correct horse", true},
		{"another", "correct horse", "correct house", false},
		{"72 bytes", long, long, true},
		{"what begins with the 72 bytes", long, long + "y", false},
		{"bcrypt takes NUL for the end and starts over", "secret12", "secret12\x00secret12", false},
		{"empty", "correct horse", "", false},
	}
	for _, c := range cases {
		hash, err := b.Hash(t.Context(), c.kept)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)

		right, err := b.Matches(t.Context(), hash, c.given)
		g.Expect(err).NotTo(HaveOccurred(), c.reason)
		g.Expect(right).To(Equal(c.want), c.reason)
	}

	g.Expect(b.Matches(t.Context(), b.Nobodys(), "")).To(BeFalse())

	for range cap(b.slots) {
		b.slots <- struct{}{}
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	_, err = b.Matches(ctx, b.Nobodys(), "x")
	g.Expect(err).To(MatchError(errs.Unavailable), "nobody waits longer than the request lasts")
}

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	keys, err := NewTokens(strings.Repeat("k", 32))
	g.Expect(err).NotTo(HaveOccurred())

	others, err := NewTokens(strings.Repeat("o", 32))
	g.Expect(err).NotTo(HaveOccurred())

	_, err = NewTokens("short")
	g.Expect(err).To(MatchError(ContainSubstring("REFRESH_TOKEN_SECRET")))

	token := keys.first(uuid.New(), uuid.New())
	text := keys.Encode(token)
	decoded, ok := keys.Decode(text)
	g.Expect(ok).To(BeTrue())
	g.Expect(decoded).To(Equal(token))
	g.Expect(keys.child(token)).To(Equal(keys.child(token)), "the same parent has the same child")
	g.Expect(keys.child(token)).NotTo(Equal(token))
	g.Expect(keys.child(token)).NotTo(Equal(others.child(token)), "nobody without the secret knows the child")
	g.Expect(keys.child(keys.child(token))).NotTo(Equal(keys.child(token)))

	for i := range text {
		bad := []byte(text)
		if bad[i]++; bad[i] == '{' || bad[i] == '[' || bad[i] == ':' || bad[i] == '.' || bad[i] == '`' {
			bad[i] = 'A'
		}

		_, ok := keys.Decode(string(bad))
		g.Expect(ok).To(BeFalse(), "changed at %d", i)
	}

	for _, forged := range []string{"", "x", text + "A", text[:len(text)-1], text + "=", " " + text, others.Encode(token)} {
		_, ok := keys.Decode(forged)
		g.Expect(ok).To(BeFalse(), forged)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()

	keys, _ := NewTokens(strings.Repeat("k", 32))
	first := keys.first(uuid.New(), uuid.New())
	second := keys.child(first)
	third := keys.child(second)

	type use struct {
		token *RefreshToken
		after time.Duration
		want  rotation
	}

	cases := []struct {
		reason string
		uses   []use
		open   bool
	}{
		{"a token is exchanged once", []use{{first, 0, rotationDone}}, true},
		{"children are exchanged in turn", []use{{first, 0, rotationDone}, {second, 0, rotationDone}, {third, 0, rotationDone}}, true},
		{"the parent comes again at once", []use{{first, 0, rotationDone}, {first, 0, rotationRepeated}}, true},
		{"the parent comes again after 10 s", []use{{first, 0, rotationDone}, {first, reuseGrace, rotationRepeated}}, true},
		{"the parent comes later", []use{{first, 0, rotationDone}, {first, reuseGrace + 1, rotationReused}}, false},
		{"the grandparent comes at once", []use{{first, 0, rotationDone}, {second, 0, rotationDone}, {first, 0, rotationReused}}, false},
		{"after a reuse nothing goes", []use{
			{first, 0, rotationDone}, {first, time.Minute, rotationReused}, {second, 0, rotationUnknown}, {first, 0, rotationUnknown},
		}, false},
		{"the grace does not grow by being used", []use{
			{first, 0, rotationDone}, {first, 6 * time.Second, rotationRepeated}, {first, 6 * time.Second, rotationReused},
		}, false},
		{"a week without use", []use{{first, RefreshTokenTTL, rotationUnknown}}, false},
		{"each use begins another week", []use{{first, RefreshTokenTTL - 1, rotationDone}, {second, RefreshTokenTTL - 1, rotationDone}}, true},
	}
	for _, c := range cases {
		g, now := NewWithT(t), noon
		d := &Document{}
		_, err := d.add(&Session{
			ID:         first.SessionID,
			Current:    first.digest(),
			LastUsedAt: now,
			RotatedAt:  now,
		}, now)
		g.Expect(err).NotTo(HaveOccurred())

		for i, u := range c.uses {
			now = now.Add(u.after)
			g.Expect(d.rotate(u.token, keys.child(u.token), now)).To(Equal(u.want), "%s: use %d", c.reason, i+1)
		}

		g.Expect(d.find(first.SessionID, now) != nil).To(Equal(c.open), c.reason)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	d := &Document{}

	var ids []uuid.UUID
	for i := range maxSessions + 2 {
		s := &Session{
			ID:          uuid.New(),
			LastUsedAt:  noon.Add(time.Duration(i) * time.Second),
			AccessEpoch: int64(i % 2),
		}
		evicted, err := d.add(s, noon)
		g.Expect(err).NotTo(HaveOccurred())

		ids = append(ids, s.ID)

		if i < maxSessions {
			g.Expect(evicted).To(BeEmpty())

			continue
		}

		g.Expect(evicted).To(HaveLen(1))
		g.Expect(evicted[0].ID).To(Equal(ids[i-maxSessions]), "the one used longest ago makes room")
	}

	open := d.open(noon)
	g.Expect(open).To(HaveLen(maxSessions))
	g.Expect(open[0].ID).To(Equal(ids[len(ids)-1]), "last used first")

	d.raise(1)
	g.Expect(d.open(noon)).To(HaveLen(maxSessions/2), "those of a smaller epoch have ended")

	d.raise(0)
	g.Expect(d.MinEpoch).To(BeEquivalentTo(1), "a late event changes nothing")

	_, err := d.add(&Session{ID: uuid.New(), LastUsedAt: noon, AccessEpoch: 0}, noon)
	g.Expect(err).To(MatchError(errStale))

	keep := d.open(noon)[3].ID
	g.Expect(d.endOthers(keep)).To(Equal(maxSessions/2 - 1))
	g.Expect(d.end(keep, noon)).To(BeTrue())
	g.Expect(d.end(keep, noon)).To(BeFalse())
}

func TestNetwork(t *testing.T) {
	t.Parallel()

	cases := []struct{ ip, want, reason string }{
		{"203.0.113.77", "203.0.113.0/24", "IPv4"},
		{"::ffff:203.0.113.77", "203.0.113.0/24", "IPv4 in IPv6"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "IPv6"},
		{"fe80::1%eth0", "fe80::/64", "with a zone"},
		{"", "unknown", "none"},
		{"nonsense", "unknown", "none that can be read"},
	}
	for _, c := range cases {
		NewWithT(t).Expect(Network(c.ip)).To(Equal(c.want), c.reason)
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()

	cases := []struct {
		reason string
		tally  Tally
		want   Verdict
	}{
		{"the first guess", Tally{}, Verdict{Admitted: true}},
		{"the tenth guess", Tally{PairFailures: 9, Failures: 9}, Verdict{Admitted: true}},
		{"nine wrong and one running", Tally{PairFailures: 9, PairPending: 1}, Verdict{}},
		{"ten running", Tally{PairPending: 10}, Verdict{}},
		{"the pair is locked", Tally{PairLockedUntil: noon.Add(time.Minute)}, Verdict{LockedFor: time.Minute}},
		{"the lock of the pair is over", Tally{PairLockedUntil: noon}, Verdict{Admitted: true}},
		{"locked everywhere", Tally{LockedUntil: noon.Add(time.Hour)}, Verdict{LockedFor: time.Hour}},
		{"locked everywhere, but known here", Tally{LockedUntil: noon.Add(time.Hour), KnownNetwork: true}, Verdict{Admitted: true}},
		{"known here, but the pair is locked", Tally{
			LockedUntil:     noon.Add(time.Hour),
			PairLockedUntil: noon.Add(time.Minute),
			KnownNetwork:    true,
		},
			Verdict{LockedFor: time.Minute}},
		{"the later lock counts", Tally{LockedUntil: noon.Add(time.Hour), PairLockedUntil: noon.Add(time.Minute)}, Verdict{LockedFor: time.Hour}},
		{"99 wrong and one running everywhere", Tally{Failures: 99, Pending: 1}, Verdict{}},
		{"the same, but known here", Tally{
			Failures:     99,
			Pending:      1,
			KnownNetwork: true,
		}, Verdict{Admitted: true}},
	}
	for _, c := range cases {
		c.tally.Now = noon
		NewWithT(t).Expect(c.tally.Verdict()).To(Equal(c.want), c.reason)
	}
}

func TestNewLocks(t *testing.T) {
	t.Parallel()

	never := time.Time{}

	cases := []struct {
		reason           string
		tally            Tally
		pair, everywhere time.Time
	}{
		{"nine are none too many", Tally{PairFailures: 9, Failures: 99}, never, never},
		{"ten lock the pair", Tally{PairFailures: 10, Failures: 10}, noon.Add(15 * time.Minute), never},
		{"a lock is not prolonged", Tally{PairFailures: 12, PairLockedUntil: noon.Add(time.Second)}, never, never},
		{"a hundred lock everywhere", Tally{Failures: 100}, never, noon.Add(time.Hour)},
		{"also where the network is known", Tally{Failures: 100, KnownNetwork: true}, never, noon.Add(time.Hour)},
		{"once", Tally{Failures: 120, LockedUntil: noon.Add(time.Second)}, never, never},
	}
	for _, c := range cases {
		c.tally.Now = noon
		pair, everywhere := c.tally.NewLocks()
		NewWithT(t).Expect(pair).To(Equal(c.pair), c.reason)
		NewWithT(t).Expect(everywhere).To(Equal(c.everywhere), c.reason)
	}
}

func TestClientKeepsAReadableUserAgent(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	g.Expect(Client{UserAgent: "curl/8"}.Clean().UserAgent).To(Equal("curl/8"))
	g.Expect(Client{UserAgent: "a\x00b\xffc"}.Clean().UserAgent).To(Equal("abc"))
	g.Expect(Client{UserAgent: strings.Repeat("é", 200)}.Clean().UserAgent).To(Equal(strings.Repeat("é", 128)))
}
