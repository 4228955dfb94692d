package hub_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/kit/auth"
)

func TestHub_Resume_WhileTalking(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()

	student := owner(t, h, s)
	for range 500 {
		h.Publish(m.write(s.ID, uuid.New(), ""))
	}

	g.Expect(student.heard()).To(HaveLen(500))

	talking := make(chan struct{})
	go func() {
		defer close(talking)

		for range 300 {
			h.Publish(m.write(s.ID, uuid.New(), ""))
		}
	}()

	for _, from := range []int64{0, 250, 499, 10_000} {
		now := m.session(s.ID)
		g.Expect(h.Resume(t.Context(), student.Member, &now, from)).To(Succeed())
	}

	<-talking

	frames := slices.DeleteFunc(student.heard(), func(f string) bool { return f == "resumed" })
	g.Expect(frames[len(frames)-1]).To(Equal("new_message 0"))

	doubles := 0
	for i := 1; i < len(frames); i++ {
		if (frames[i-1][12]-'0'+1)%10 != frames[i][12]-'0' {
			doubles++
		}
	}

	g.Expect(doubles).To(BeNumerically("<=", 3), "a jump back where a replay begins, and nowhere else")
}

func TestHub_Resume_BeforeLive(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()

	h, s := m.hub(t), m.begin()
	for range 5 {
		m.write(s.ID, uuid.New(), "")
	}

	to := newSink(auth.Principal{UserID: s.UserID, Role: auth.Student}, s.ID)
	g.Expect(h.Join(to.Member, m.active())).To(Succeed())

	h.Publish(m.write(s.ID, uuid.New(), ""))
	now := m.session(s.ID)
	g.Expect(h.Resume(t.Context(), to.Member, &now, 2)).To(Succeed())

	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Expect(to.heard()).To(BeEmpty())
	g.Expect(h.GoLive(t.Context(), to.Member)).To(Succeed())

	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Expect(to.heard()).To(Equal(slices.Concat(messages(3, 7), []string{"resumed"}, messages(8, 8))))
}

func TestHub_Resume_ClosedSession(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()

	h, s := m.hub(t), m.begin()
	for range 450 {
		m.write(s.ID, uuid.New(), "")
	}

	closed := m.end(s.ID)
	boss := admin(t, h, nil)
	g.Expect(h.Resume(t.Context(), boss.Member, closed, 0)).To(Succeed())
	g.Expect(boss.heard()).To(Equal(append(messages(1, 450), "resumed", "session_closed")))
}

func TestHub_Refill_FarBehind(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)
	m := newMemory()
	h, s := m.hub(t), m.begin()

	student, boss := owner(t, h, s), admin(t, h, m.active())
	for range 1234 {
		m.write(s.ID, uuid.New(), "")
	}

	h.Reconcile()

	for _, to := range []*sink{student, boss} {
		g.Eventually(to.heard, "5s").Should(Equal(messages(1, 1234)))
	}

	h.Publish(m.write(s.ID, uuid.New(), ""))
	g.Eventually(student.heard).Should(Equal(messages(1, 1235)))
}
