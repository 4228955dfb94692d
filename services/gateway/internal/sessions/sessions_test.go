package sessions

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/clock"
)

const ttl = 500 * time.Millisecond

type authService struct {
	asked int
	open  bool
	err   error
	hook  func()
}

func (a *authService) check(context.Context, uuid.UUID, uuid.UUID) (bool, error) {
	a.asked++

	open := a.open
	if a.hook != nil {
		a.hook()
	}

	return open, a.err
}

func newSessions(auth *authService, timeout time.Duration, c clock.Clock) *Sessions {
	return New(Options{
		Check:   auth.check,
		TTL:     ttl,
		Timeout: timeout,
		Clock:   c,
	})
}

func TestSessions_Open(t *testing.T) {
	g := NewWithT(t)
	now, auth := clock.NewFake(time.Unix(1000, 0)), &authService{open: true}
	s := newSessions(auth, time.Second, now)
	user, id := uuid.New(), uuid.New()
	expect := func(want bool, asked int, reason string) {
		open, err := s.Open(t.Context(), user, id)
		g.ExpectWithOffset(1, err).NotTo(HaveOccurred(), reason)
		g.ExpectWithOffset(1, open).To(Equal(want), reason)
		g.ExpectWithOffset(1, auth.asked).To(Equal(asked), reason)
	}
	expect(true, 1, "the first time auth is asked")
	expect(true, 1, "then it is remembered")
	now.Advance(ttl)
	expect(true, 2, "but not for long")

	auth.open = false

	expect(true, 2, "an end that we were not told of is noticed late")
	s.Drop(uuid.New())
	expect(true, 2, "another user's end is not this one's")
	s.Drop(user)
	expect(false, 3, "an end that passed through us at once")
	expect(false, 4, "and an ended session is not remembered")
}

// An outage is an error and not remembered.
func TestSessions_Open_Outage(t *testing.T) {
	g := NewWithT(t)
	auth := &authService{err: errors.New("down")}
	s := newSessions(auth, time.Second, clock.System{})
	_, err := s.Open(t.Context(), uuid.Nil, uuid.Nil)
	g.Expect(err).To(MatchError("down"))

	auth.err, auth.open = nil, true

	g.Expect(s.Open(t.Context(), uuid.Nil, uuid.Nil)).To(BeTrue())
}

// An answer from before the drop is not remembered.
func TestSessions_Drop_InsideCheck(t *testing.T) {
	g := NewWithT(t)
	user, id := uuid.New(), uuid.New()
	auth := &authService{open: true}
	s := newSessions(auth, time.Second, clock.System{})
	auth.hook = func() { auth.open = false; s.Drop(user) }

	g.Expect(s.Open(t.Context(), user, id)).To(BeTrue(), "asked before the session ended")
	g.Expect(s.Open(t.Context(), user, id)).To(BeFalse())
}

// No caller joins a question from before the drop.
func TestSessions_Drop_DuringCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		user, id, release := uuid.New(), uuid.New(), make(chan struct{})
		auth := &authService{open: true, hook: func() { <-release }}

		s := newSessions(auth, time.Minute, clock.System{})
		go func() { _, _ = s.Open(t.Context(), user, id) }()

		synctest.Wait()

		auth.open, auth.hook = false, nil

		s.Drop(user)
		g.Expect(s.Open(t.Context(), user, id)).To(BeFalse())

		close(release)
		synctest.Wait()
		g.Expect(s.Open(t.Context(), user, id)).To(BeFalse(), "the late yes is not remembered")
	})
}

// A dropped user is not trusted for a while.
func TestSessions_Drop_AsksForAWhile(t *testing.T) {
	g := NewWithT(t)
	now, auth := clock.NewFake(time.Unix(1000, 0)), &authService{open: true}
	s := newSessions(auth, time.Second, now)
	user, id := uuid.New(), uuid.New()
	s.Drop(user)
	g.Expect(s.Open(t.Context(), user, id)).To(BeTrue(), "the suspension has not reached the auth service yet")

	auth.open = false

	g.Expect(s.Open(t.Context(), user, id)).To(BeFalse(), "and now it has")

	auth.open = true

	now.Advance(distrust)
	g.Expect(s.Open(t.Context(), user, id)).To(BeTrue())
	g.Expect(s.Open(t.Context(), user, id)).To(BeTrue())
	g.Expect(auth.asked).To(Equal(3), "remembered again")

	s.Drop(uuid.New())
	g.Expect(s.distrusted).To(HaveLen(1), "who was dropped long ago takes no room")
}

// The memory is bounded.
func TestSessions_Open_BoundedMemory(t *testing.T) {
	g := NewWithT(t)
	now, auth := clock.NewFake(time.Unix(1000, 0)), &authService{open: true}
	s := newSessions(auth, time.Second, now)
	s.max = 10

	ask := func() {
		_, err := s.Open(t.Context(), uuid.New(), uuid.New())
		g.Expect(err).NotTo(HaveOccurred())
	}
	for range 100 {
		ask()
	}

	g.Expect(s.count).To(Equal(10))

	now.Advance(ttl)
	ask()
	g.Expect(s.count).To(Equal(1))
	g.Expect(s.until).To(HaveLen(1))
}
