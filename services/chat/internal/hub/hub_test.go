package hub_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
	"github.com/shema-music/shema/services/chat/internal/hub"
	"github.com/shema-music/shema/services/kit/auth"
)

// messages are the frames of messages with these numbers.
func messages(from, to int) []string {
	var frames []string
	for seq := from; seq <= to; seq++ {
		frames = append(frames, "new_message "+strconv.Itoa(seq%10))
	}

	return frames
}

func TestMessagesComeOnceAndInOrderHoweverTheyCome(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student, boss := owner(t, h, s), admin(t, h, m.active())

	var said []*chat.Message
	for range 5 {
		said = append(said, m.write(s.ID, uuid.New(), ""))
	}

	for _, i := range []int{0, 0, 2, 4, 3, 1, 2} { // doubled, late, and with a gap
		h.Said(said[i])
	}

	for _, to := range []*sink{student, boss} {
		g.Eventually(to.heard).Should(Equal(messages(1, 5)))
	}

	g.Consistently(student.heard, "100ms").Should(HaveLen(5))
}

func TestWhatTheBusLosesIsFoundInTheStore(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	here, there := owner(t, a, s), owner(t, b, s)

	m.set(func() { m.lossy = true })
	a.Said(m.write(s.ID, uuid.New(), ""))
	a.Said(m.write(s.ID, uuid.New(), ""))
	g.Expect(here.heard()).To(Equal(messages(1, 2)))

	b.Reconcile() // as the bus does when it is back, and the poll does regularly
	g.Eventually(there.heard).Should(Equal(messages(1, 2)))

	a.Said(m.write(s.ID, uuid.New(), ""))
	m.set(func() { m.lossy = false })
	a.Said(m.write(s.ID, uuid.New(), ""))
	g.Eventually(there.heard).Should(Equal(messages(1, 4)), "a gap is filled at once")
}

func TestTheStoreIsAskedUntilItAnswers(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student := owner(t, h, s)
	first := m.write(s.ID, uuid.New(), "")
	second := m.write(s.ID, uuid.New(), "")
	m.set(func() { m.away = true })
	h.Said(second)
	g.Eventually(func() (asked int) { m.set(func() { asked = m.asked }); return asked }).Should(BeNumerically(">", 1))

	m.set(func() { m.away = false })
	g.Eventually(student.heard).Should(Equal(messages(1, 2)))

	h.Said(first)
	g.Expect(student.heard()).To(HaveLen(2))
}

func TestWhatTheBusInventsDoesNotHappen(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()

	student := owner(t, h, s)
	for _, payload := range []string{
		`hello`, `{}`, `null`, `{"kind":"message"}`, `{"kind":"typing"}`, `{"kind":"read"}`,
		`{"kind":"message","message":{"session_id":"` + uuid.NewString() + `","seq":1}}`,
		`{"kind":"message","message":{"session_id":"` + s.ID.String() + `","seq":1000000}}`,
	} {
		h.Receive(t.Context(), s.ID, []byte(payload))
	}

	h.Said(m.write(s.ID, uuid.New(), ""))
	g.Eventually(student.heard).Should(Equal(messages(1, 1)))

	h.Said(m.write(s.ID, uuid.New(), ""))
	g.Eventually(student.heard).Should(Equal(messages(1, 2)))
}

func TestTheSendingSocketDoesNotHearItself(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	phone, tablet, elsewhere := owner(t, a, s), owner(t, a, s), owner(t, b, s)
	a.Expect(phone.Member, "x")

	said := m.write(s.ID, s.UserID, "x")

	a.Reconcile() // the store may be faster than the sender
	g.Eventually(tablet.heard).Should(Equal(messages(1, 1)))

	a.Said(said)
	a.Settle(phone.Member, s.ID, "x", said.Seq)
	g.Eventually(elsewhere.heard).Should(Equal(messages(1, 1)))
	g.Expect(phone.heard()).To(BeEmpty())

	a.Expect(phone.Member, "refused")
	a.Settle(phone.Member, s.ID, "refused", 0)
	a.Said(m.write(s.ID, uuid.New(), "refused"))
	g.Expect(phone.heard()).To(Equal(messages(2, 2)))
}

func TestAnAdminHearsOfNewSessionsFromTheirBeginning(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	old := m.begin()
	m.write(old.ID, uuid.New(), "")
	h := m.hub(t)
	boss := admin(t, h, m.active())
	fresh := m.begin()
	m.write(fresh.ID, uuid.New(), "")
	h.Said(m.write(fresh.ID, uuid.New(), ""))
	g.Eventually(boss.heard).Should(Equal(messages(1, 2)), "also what nobody told us of")

	polled := m.begin()
	m.write(polled.ID, uuid.New(), "")
	h.Reconcile()
	g.Eventually(boss.heard).Should(HaveLen(3))

	late := admin(t, h, m.active())
	h.Said(m.write(fresh.ID, uuid.New(), ""))
	g.Expect(late.heard()).To(Equal(messages(3, 3)), "from what it was told on")
}

func TestSomethingIsSaidBetweenTheListAndTheJoining(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	known := m.active()
	first := m.write(s.ID, uuid.New(), "")
	begun := m.begin()
	m.write(begun.ID, uuid.New(), "")
	h.Said(first) // nobody is here
	boss := admin(t, h, known)
	g.Eventually(boss.heard).Should(HaveLen(2))
}

func TestSessionsEndAfterTheirLastMessage(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	here, there, boss := owner(t, a, s), owner(t, b, s), admin(t, b, m.active())
	m.set(func() { m.lossy = true })
	a.Said(m.write(s.ID, uuid.New(), ""))
	m.set(func() { m.lossy = false })
	a.Ended(m.end(s.ID))
	a.Ended(m.end(s.ID))

	for _, to := range []*sink{here, there, boss} {
		g.Eventually(to.heard).Should(Equal(append(messages(1, 1), "session_closed")))
	}

	b.Reconcile()
	g.Consistently(boss.heard, "100ms").Should(HaveLen(2))
}

func TestSignsGoToThoseWhoLook(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s, other := m.hub(t), m.hub(t), m.begin(), m.begin()
	student := owner(t, a, s)
	list, reader, elsewhere := admin(t, b, m.active()), admin(t, b, m.active()), admin(t, b, m.active())
	b.Look(reader.Member, s.ID)
	b.Look(elsewhere.Member, other.ID)
	sign := frame.Sign{SessionID: s.ID, Sender: auth.Student, SenderID: s.UserID}
	a.Typing(&sign)
	a.Read(student.Member, &frame.Mark{Sign: sign, Seq: 1})

	for _, to := range []*sink{list, reader} {
		g.Expect(to.heard()).To(Equal([]string{"typing", "read 1"}))
	}

	g.Expect(elsewhere.heard()).To(BeEmpty())
	g.Expect(student.heard()).To(BeEmpty())

	for range 40 {
		b.Look(reader.Member, uuid.New())
	}

	a.Typing(&sign)
	g.Expect(reader.heard()).To(HaveLen(2), "one can't look at everything")
}

func TestWhoHasToGo(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h := m.hub(t)
	s := m.begin()
	expires, stays, ended := owner(t, h, s), owner(t, h, s), owner(t, h, s)
	expires.Person.ExpiresAt = time.Now().Add(-time.Second)
	h.Expire(time.Now())
	h.Dismiss([]hub.SignIn{{UserID: s.UserID, SessionID: ended.Person.SessionID}, {UserID: uuid.New(), SessionID: stays.Person.SessionID}})
	g.Expect([]int{expires.closed(), stays.closed(), ended.closed()}).To(Equal([]int{4001, 0, 4003}))
	g.Expect(h.SignIns()).To(HaveLen(3))

	fourth := newSink(stays.Person, s.ID)
	g.Expect(h.Join(fourth.Member, []chat.Session{s})).To(MatchError(hub.ErrTooManySockets))

	h.Leave(fourth.Member)

	for _, to := range []*sink{expires, ended} {
		h.Leave(to.Member)
		h.Leave(to.Member)
	}

	g.Expect(h.Sockets()).To(Equal(1))

	g.Expect(h.Join(fourth.Member, []chat.Session{s})).To(Succeed())

	go func() {
		h.Leave(stays.Member)
		h.Leave(fourth.Member)
	}()

	h.Drain(t.Context())
	g.Expect(h.Join(fourth.Member, []chat.Session{s})).To(MatchError(hub.ErrStopping))
}

func TestRoomsGoWithThoseInThem(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	boss := admin(t, h, m.active())
	student := owner(t, h, s)
	h.Leave(boss.Member)
	h.Said(m.write(s.ID, uuid.New(), ""))
	g.Expect(student.heard()).To(Equal(messages(1, 1)))

	h.Leave(student.Member)
	h.Said(m.write(s.ID, uuid.New(), "")) // nobody is here
	again := owner(t, h, m.session(s.ID))
	h.Said(m.write(s.ID, uuid.New(), ""))
	g.Expect(again.heard()).To(Equal(messages(3, 3)), "an old room would have sent the second one, too")
}
