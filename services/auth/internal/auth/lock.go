package auth

import (
	"crypto/sha256"
	"net/netip"
	"time"

	"github.com/shema-music/shema/services/kit/email"
)

// The lock against guessing, as the contract states it. Ten wrong guesses for one e-mail address from one network lock
// that pair; a hundred from everywhere lock the address for networks that it does not know.
const (
	pairLimit        = 10
	PairWindow       = 15 * time.Minute
	pairLock         = 15 * time.Minute
	everywhereLimit  = 100
	EverywhereWindow = time.Hour
	everywhereLock   = time.Hour
	// KnownNetworkTTL is how long a network in which the address has signed in is exempt from the second lock.
	KnownNetworkTTL = 30 * 24 * time.Hour
	// AbandonedAfter is the age at which an attempt without an outcome counts as a wrong guess: its process died.
	AbandonedAfter = 10 * time.Second
)

// EmailHash is what the lock and the audit log keep of an e-mail address.
type EmailHash [sha256.Size]byte

// HashEmail returns the hash of the folded address.
func HashEmail(address string) EmailHash { return sha256.Sum256([]byte(email.Fold(address))) }

// Bits of the prefixes that count as one address: a guesser who has one address of such a network has them all.
const (
	ipv4Bits = 24
	ipv6Bits = 64
)

// Network returns the /24 or /64 network of an IP address.
func Network(ip string) string {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}

	address = address.Unmap().WithZone("")

	bits := ipv6Bits
	if address.Is4() {
		bits = ipv4Bits
	}

	return netip.PrefixFrom(address, bits).Masked().String()
}

// Tally is what is known about the guesses for one e-mail address, seen from one network, at one moment.
type Tally struct {
	Now time.Time
	// PairFailures and PairPending count the guesses from this network within PairWindow, Failures and Pending those
	// from everywhere within EverywhereWindow. A pending one has no outcome yet.
	PairFailures, PairPending int
	Failures, Pending         int
	// PairLockedUntil and LockedUntil are when the locks of the pair and of the address end; zero if there is none.
	PairLockedUntil, LockedUntil time.Time
	// KnownNetwork says whether the address has signed in from this network within KnownNetworkTTL.
	KnownNetwork bool
}

// NewLocks returns until when the pair and the address have to be locked from now on; zero where nothing new is due.
func (t *Tally) NewLocks() (pair, everywhere time.Time) {
	if t.PairFailures >= pairLimit && !t.PairLockedUntil.After(t.Now) {
		pair = t.Now.Add(pairLock)
	}

	if t.Failures >= everywhereLimit && !t.LockedUntil.After(t.Now) {
		everywhere = t.Now.Add(everywhereLock)
	}

	return pair, everywhere
}

// Verdict says whether one more guess may be made. If neither Admitted nor LockedFor is set the guess has to wait for
// the outcome of others.
type Verdict struct {
	Admitted  bool
	LockedFor time.Duration
}

// Verdict judges one more guess.
func (t *Tally) Verdict() Verdict {
	until := t.PairLockedUntil
	if !t.KnownNetwork && t.LockedUntil.After(until) {
		until = t.LockedUntil
	}

	if until.After(t.Now) {
		return Verdict{LockedFor: until.Sub(t.Now)}
	}

	full := t.PairFailures+t.PairPending >= pairLimit ||
		!t.KnownNetwork && t.Failures+t.Pending >= everywhereLimit

	return Verdict{Admitted: !full}
}
