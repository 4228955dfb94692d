package hub_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/clock"
)

// signIns is an auth service that remembers what it was asked.
type signIns struct {
	mu    sync.Mutex
	ended []hub.SignIn
	asked []hub.SignIn
	away  bool
}

func (s *signIns) Ended(_ context.Context, asked []hub.SignIn) ([]hub.SignIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.asked = append(s.asked, asked...)
	if s.away {
		return nil, errors.New("the auth service is away")
	}

	return slices.DeleteFunc(slices.Clone(asked), func(a hub.SignIn) bool { return !slices.Contains(s.ended, a) }), nil
}

func (s *signIns) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()

	change()
}

// countAsked returns how often a sign-in was asked for since the last time.
func (s *signIns) countAsked() int {
	s.mu.Lock()
	defer s.mu.Unlock()

	n := len(s.asked)
	s.asked = nil

	return n
}

// watched lets a watch run over a hub with one student until the test ends; time is synctest's.
func watched(t *testing.T, m *memory, auths *signIns) (*hub.Hub, *sink) {
	t.Helper()

	h, s := m.hub(t), m.begin()
	ctx, stop := context.WithCancel(t.Context())
	watch := hub.NewRevocationWatch(h, auths, clock.System{})

	done := make(chan struct{})
	go func() { defer close(done); watch.Run(ctx) }()

	t.Cleanup(func() { stop(); <-done })

	return h, owner(t, h, s)
}

func TestRevocationWatch_Run_EndedSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		auths := &signIns{away: true}
		_, student := watched(t, newMemory(), auths)

		time.Sleep(3 * time.Second)
		g.Expect(student.closed()).To(BeZero(), "an outage of auth is no end of a session")

		auths.set(func() {
			auths.away = false
			auths.ended = []hub.SignIn{{UserID: student.Person.UserID, SessionID: student.Person.SessionID}}
		})
		time.Sleep(510 * time.Millisecond)
		g.Expect(student.closed()).To(Equal(4003))
	})
}

func TestRevocationWatch_Run_TwiceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		auths := &signIns{}
		watched(t, newMemory(), auths)

		time.Sleep(510 * time.Millisecond)
		auths.countAsked()

		time.Sleep(10 * time.Second)
		g.Expect(auths.countAsked()).To(Equal(20))
	})
}

func TestRevocationWatch_Run_ExpiredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		_, student := watched(t, newMemory(), &signIns{})

		time.Sleep(59 * time.Minute)
		g.Expect(student.closed()).To(BeZero())

		time.Sleep(time.Minute + 510*time.Millisecond)
		g.Expect(student.closed()).To(Equal(4001))
	})
}

func TestHub_Join_TooManySockets(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h := m.hub(t)
	s := m.begin()
	first, second, third := owner(t, h, s), owner(t, h, s), owner(t, h, s)

	fourth := newSink(first.Person, s.ID)
	g.Expect(h.Join(fourth.Member, []chat.Session{s})).To(MatchError(hub.ErrTooManySockets))

	h.Leave(fourth.Member)
	g.Expect(h.Sockets()).To(Equal(3), "one that has not joined is fine")

	for _, to := range []*sink{second, third} {
		h.Leave(to.Member)
		h.Leave(to.Member)
	}

	g.Expect(h.Sockets()).To(Equal(1))
	g.Expect(h.Join(fourth.Member, []chat.Session{s})).To(Succeed())
}

func TestHub_Drain(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h := m.hub(t)
	s := m.begin()
	one, other := owner(t, h, s), owner(t, h, s)

	go func() {
		h.Leave(one.Member)
		h.Leave(other.Member)
	}()

	h.Drain(t.Context())
	g.Expect(h.Sockets()).To(BeZero())
	g.Expect(h.Stopping()).To(BeTrue())
	g.Expect(h.Join(one.Member, []chat.Session{s})).To(MatchError(hub.ErrStopping))

	h.Drain(t.Context())
}

// TestHub_AllowFrame_SharedByAPersonsSockets: more sockets give a person no more.
func TestHub_AllowFrame_SharedByAPersonsSockets(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h := m.hub(t)
	s := m.begin()
	one, other, stranger := owner(t, h, s), owner(t, h, s), owner(t, h, m.begin())

	for range 2 {
		g.Expect(h.AllowFrame(one.Member)).To(BeTrue())
		g.Expect(h.AllowFrame(other.Member)).To(BeTrue())
	}

	g.Expect(h.AllowFrame(one.Member)).To(BeTrue(), "the fifth of five at once")
	g.Expect(h.AllowFrame(other.Member)).To(BeFalse())
	g.Expect(h.AllowFrame(stranger.Member)).To(BeTrue())

	g.Expect(h.AllowText(one.Member, 60)).To(BeTrue())
	g.Expect(h.AllowText(other.Member, 60)).To(BeFalse())
	g.Expect(h.AllowText(stranger.Member, 60)).To(BeTrue())

	h.Leave(one.Member)
	h.Leave(other.Member)

	again := newSink(auth.Principal{UserID: s.UserID, SessionID: uuid.New(), Role: auth.Student}, s.ID)
	g.Expect(h.Join(again.Member, []chat.Session{s})).To(Succeed())
	g.Expect(h.AllowFrame(again.Member)).To(BeFalse(), "coming back is no way around")
}
