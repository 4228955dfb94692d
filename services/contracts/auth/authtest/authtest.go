// Package authtest says in tests what the auth service promises to those who call it: the suite runs against the real
// service on a real Postgres, in the auth service's own tests, and against what a caller's tests have in its place. So no
// fake can promise more than the service keeps. It stands beside the contract because no service may import another.
package authtest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	authhttp "github.com/shema-music/shema/services/contracts/auth/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

// atOnce is how many sessions can be asked for with one question.
const atOnce = 1000

// SignIns is an auth service under test, as the chat asks it whose sockets may stay.
type SignIns struct {
	// SignIn makes a person who has just signed in.
	SignIn func() authhttp.SessionRef
	// End ends a session.
	End func(session authhttp.SessionRef)
	// Ended returns those of the sessions that have ended.
	Ended func(ctx context.Context, asked []authhttp.SessionRef) ([]authhttp.SessionRef, error)
}

// EndedSessions holds an auth service to what the chat builds upon.
func EndedSessions(t *testing.T, open func(t *testing.T) *SignIns) {
	t.Helper()

	for name, check := range map[string]func(t *testing.T, s *SignIns){
		"open sessions are not told":                       endedOpen,
		"sessions that have ended are told, and no others": endedSome,
		"what was never open has ended":                    endedUnknown,
		"a session is open for its own person only":        endedForeign,
		"a thousand are told at once":                      endedMany,
		"a question for nothing is refused":                endedNothing,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

// ended asks for sessions.
func (s *SignIns) ended(t *testing.T, asked ...authhttp.SessionRef) []authhttp.SessionRef {
	t.Helper()

	ended, err := s.Ended(t.Context(), asked)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return ended
}

func endedOpen(t *testing.T, s *SignIns) {
	t.Helper()

	siti, budi := s.SignIn(), s.SignIn()

	for range 2 {
		NewWithT(t).Expect(s.ended(t, siti, budi)).To(BeEmpty())
	}
}

func endedSome(t *testing.T, s *SignIns) {
	t.Helper()

	g := NewWithT(t)
	siti, budi, ani := s.SignIn(), s.SignIn(), s.SignIn()
	g.Expect(s.ended(t, siti, budi, ani)).To(BeEmpty(), "they were seen open before")

	s.End(siti)
	s.End(ani)

	for range 2 {
		g.Expect(s.ended(t, ani, budi, siti)).To(ConsistOf(siti, ani))
	}

	g.Expect(s.ended(t, ani)).To(ConsistOf(ani), "of those who were asked for")
}

func endedUnknown(t *testing.T, s *SignIns) {
	t.Helper()

	siti, stranger := s.SignIn(), authhttp.SessionRef{UserId: uuid.New(), SessionId: uuid.New()}
	never := authhttp.SessionRef{UserId: siti.UserId, SessionId: uuid.New()}

	NewWithT(t).Expect(s.ended(t, stranger, siti, never)).To(ConsistOf(stranger, never))
}

func endedForeign(t *testing.T, s *SignIns) {
	t.Helper()

	siti, budi := s.SignIn(), s.SignIn()
	foreign := authhttp.SessionRef{UserId: budi.UserId, SessionId: siti.SessionId}

	NewWithT(t).Expect(s.ended(t, siti, foreign, budi)).To(ConsistOf(foreign))
}

func endedMany(t *testing.T, s *SignIns) {
	t.Helper()

	siti := s.SignIn()
	asked := []authhttp.SessionRef{siti}

	for len(asked) < atOnce {
		asked = append(asked, authhttp.SessionRef{UserId: uuid.New(), SessionId: uuid.New()})
	}

	NewWithT(t).Expect(s.ended(t, asked...)).To(ConsistOf(asked[1:]))
}

func endedNothing(t *testing.T, s *SignIns) {
	t.Helper()

	_, err := s.Ended(t.Context(), []authhttp.SessionRef{})
	NewWithT(t).Expect(err).To(MatchError(errs.ValidationFailed))
}
