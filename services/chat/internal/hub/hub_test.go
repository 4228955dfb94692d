package hub_test

import (
	"strconv"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/frame"
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

func TestHub_Publish_OnceAndInOrder(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student, boss := owner(t, h, s), admin(t, h, m.active())

	var said []*chat.Publication
	for range 5 {
		said = append(said, m.write(s.ID, uuid.New(), ""))
	}

	for _, i := range []int{0, 0, 2, 4, 3, 1, 2} { // doubled, late, and with a gap
		h.Publish(said[i])
	}

	for _, to := range []*sink{student, boss} {
		g.Eventually(to.heard).Should(Equal(messages(1, 5)))
	}

	g.Consistently(student.heard, "100ms").Should(HaveLen(5))
}

func TestHub_Reconcile_LostNotes(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	here, there := owner(t, a, s), owner(t, b, s)

	m.set(func() { m.lossy = true })
	a.Publish(m.write(s.ID, uuid.New(), ""))
	a.Publish(m.write(s.ID, uuid.New(), ""))
	g.Expect(here.heard()).To(Equal(messages(1, 2)))

	b.Reconcile() // as the bus does when it is back, and the poll does regularly
	g.Eventually(there.heard).Should(Equal(messages(1, 2)))

	a.Publish(m.write(s.ID, uuid.New(), ""))
	m.set(func() { m.lossy = false })
	a.Publish(m.write(s.ID, uuid.New(), ""))
	g.Eventually(there.heard).Should(Equal(messages(1, 4)), "a gap is filled at once")
}

func TestHub_Refill_StoreAway(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student := owner(t, h, s)
	first := m.write(s.ID, uuid.New(), "")
	second := m.write(s.ID, uuid.New(), "")
	m.set(func() { m.away = true })
	h.Publish(second)
	g.Eventually(func() (asked int) { m.set(func() { asked = m.asked }); return asked }).Should(BeNumerically(">", 1))

	m.set(func() { m.away = false })
	g.Eventually(student.heard).Should(Equal(messages(1, 2)))

	h.Publish(first)
	g.Expect(student.heard()).To(HaveLen(2))
}

func TestHub_Receive_InvalidNotes(t *testing.T) {
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

	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Eventually(student.heard).Should(Equal(messages(1, 1)))

	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Eventually(student.heard).Should(Equal(messages(1, 2)))
}

func TestHub_Expect_OwnMessages(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	phone, tablet, elsewhere := owner(t, a, s), owner(t, a, s), owner(t, b, s)
	a.Expect(phone.Member, "x")

	said := m.write(s.ID, s.UserID, "x")

	a.Reconcile() // the store may be faster than the sender
	g.Eventually(tablet.heard).Should(Equal(messages(1, 1)))

	a.Publish(said)
	a.Settle(phone.Member, s.ID, "x", said.Message.Seq)
	g.Eventually(elsewhere.heard).Should(Equal(messages(1, 1)))
	g.Expect(phone.heard()).To(BeEmpty())

	a.Expect(phone.Member, "refused")
	a.Settle(phone.Member, s.ID, "refused", 0)
	a.Publish(m.write(s.ID, uuid.New(), "refused"))
	g.Expect(phone.heard()).To(Equal(messages(2, 2)))
}

func TestHub_Publish_NewSessions(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	old := m.begin()
	m.write(old.ID, uuid.New(), "")
	h := m.hub(t)
	boss := admin(t, h, m.active())
	fresh := m.begin()
	m.write(fresh.ID, uuid.New(), "")
	h.Publish(m.write(fresh.ID, uuid.New(), ""))
	g.Eventually(boss.heard).Should(Equal(messages(1, 2)), "also what no replica told us of")

	polled := m.begin()
	m.write(polled.ID, uuid.New(), "")
	h.Reconcile()
	g.Eventually(boss.heard).Should(HaveLen(3))

	late := admin(t, h, m.active())
	h.Publish(m.write(fresh.ID, uuid.New(), ""))
	g.Expect(late.heard()).To(Equal(messages(3, 3)), "from what it was told on")
}

func TestHub_Join_BetweenListAndJoin(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	known := m.active()
	first := m.write(s.ID, uuid.New(), "")
	begun := m.begin()
	m.write(begun.ID, uuid.New(), "")
	h.Publish(first) // no socket is here
	boss := admin(t, h, known)
	g.Eventually(boss.heard).Should(HaveLen(2))
}

func TestHub_CloseSession_AfterLastMessage(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	here, there, boss := owner(t, a, s), owner(t, b, s), admin(t, b, m.active())
	m.set(func() { m.lossy = true })
	a.Publish(m.write(s.ID, uuid.New(), ""))
	m.set(func() { m.lossy = false })
	a.CloseSession(m.end(s.ID))
	a.CloseSession(m.end(s.ID))

	for _, to := range []*sink{here, there, boss} {
		g.Eventually(to.heard).Should(Equal(append(messages(1, 1), "session_closed")))
	}

	b.Reconcile()
	g.Consistently(boss.heard, "100ms").Should(HaveLen(2))
}

func TestHub_Typing_ThoseWhoLook(t *testing.T) {
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

func TestHub_Leave_DropsStreams(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	boss := admin(t, h, m.active())
	student := owner(t, h, s)
	h.Leave(boss.Member)
	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Expect(student.heard()).To(Equal(messages(1, 1)))

	h.Leave(student.Member)
	h.Publish(m.write(s.ID, uuid.New(), "")) // no socket is here
	again := owner(t, h, m.session(s.ID))
	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Expect(again.heard()).To(Equal(messages(3, 3)), "an old room would have sent the second one, too")
}
