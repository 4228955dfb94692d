package hub_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/kit/auth"
)

func TestHub_Publish_ReopenedSession(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student, boss := owner(t, h, s), admin(t, h, m.active())
	h.Publish(m.write(s.ID, uuid.New(), ""))
	h.CloseSession(m.end(s.ID))

	h.Publish(m.write(s.ID, uuid.New(), ""))
	h.CloseSession(m.end(s.ID))

	want := []string{"new_message 1", "session_closed", "new_message 2", "session_closed"}
	g.Expect(student.heard()).To(Equal(want))
	g.Expect(boss.heard()).To(Equal(want))

	h.Reconcile()
	g.Eventually(func() (upTo int64) { m.set(func() { upTo = m.delivered[s.ID] }); return upTo }, "5s").
		Should(BeEquivalentTo(2), "so that the student is not told by mail")
}

// TestHub_Publish_ReopenedElsewhere: staff that do not know a session hear it from where it was opened again, not from its
// beginning.
func TestHub_Publish_ReopenedElsewhere(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	s := m.begin()

	for range 5 {
		m.write(s.ID, uuid.New(), "")
	}

	m.end(s.ID)

	h, polled := m.hub(t), m.hub(t)
	boss, late := admin(t, h, nil), admin(t, polled, nil)
	h.Publish(m.write(s.ID, uuid.New(), "")) // brings the note to the other hub too
	g.Expect(boss.heard()).To(Equal(messages(6, 6)))
	g.Eventually(late.heard).Should(Equal(messages(6, 6)))
}

// TestHub_Publish_LateNotesOfClosedSessions: a closed session stays closed.
func TestHub_Publish_LateNotesOfClosedSessions(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	boss := admin(t, h, m.active())
	first, second := m.write(s.ID, uuid.New(), ""), m.write(s.ID, uuid.New(), "")
	h.Publish(first)
	h.Publish(second)
	h.CloseSession(m.end(s.ID))

	for _, p := range []*chat.Publication{second, first} {
		h.Publish(p)
	}

	h.Reconcile()
	g.Consistently(boss.heard, "200ms").Should(Equal(append(messages(1, 2), "session_closed")))
}

func TestHub_CloseSession_OldNews(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()
	student := owner(t, h, s)
	h.Publish(m.write(s.ID, uuid.New(), ""))
	closed := m.end(s.ID)
	h.Publish(m.write(s.ID, uuid.New(), "")) // opens it again, and overtakes the news

	h.CloseSession(closed)
	g.Expect(student.heard()).To(Equal(messages(1, 2)))
}

func TestHub_Notify(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	a, b, s := m.hub(t), m.hub(t), m.begin()
	here, there, stranger := owner(t, a, s), owner(t, b, s), owner(t, b, m.begin())
	told := chat.Notification{ID: uuid.New(), UserID: s.UserID, Title: "Hore"}
	m.set(func() { m.notifications = []chat.Notification{told} })

	a.Notify(s.UserID, told.ID)

	for _, to := range []*sink{here, there} {
		g.Eventually(to.heard).Should(Equal([]string{"notification"}))
	}

	b.Notify(stranger.Person.UserID, told.ID)
	b.Notify(uuid.New(), told.ID)
	g.Consistently(stranger.heard, "100ms").Should(BeEmpty(), "another person's notification")

	m.set(func() { m.away = true })
	a.Notify(s.UserID, told.ID)
	g.Consistently(here.heard, "100ms").Should(HaveLen(1), "it is on the list")
}

// TestHub_Resume_TellsItsEnd: what a resume has brought ends with a frame, for staff once for each session.
func TestHub_Resume_TellsItsEnd(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, one, two := m.hub(t), m.begin(), m.begin()
	m.write(one.ID, uuid.New(), "")
	boss := newSink(auth.Principal{UserID: uuid.New(), Role: auth.Admin, ExpiresAt: time.Now().Add(time.Hour)}, uuid.Nil)
	g.Expect(h.Join(boss.Member, m.active())).To(Succeed())

	for _, s := range []chat.Session{m.session(one.ID), m.session(two.ID)} {
		g.Expect(h.Resume(t.Context(), boss.Member, &s, 0)).To(Succeed())
	}

	g.Expect(boss.heard()).To(BeEmpty(), "it waits for more of them")
	g.Expect(h.GoLive(t.Context(), boss.Member)).To(Succeed())
	g.Expect(boss.heard()).To(Equal([]string{"new_message 1", "resumed", "resumed"}))
}
