package socket_test

import (
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chattest"
	"github.com/shema-music/shema/services/kit/auth"
)

// slowPoll makes sure that what comes comes over Redis.
func slowPoll(s *chattest.Settings) { s.PollEvery = time.Minute }

// patient gives clients of a busy machine time for their resume frames.
func patient(s *chattest.Settings) { s.Hold, s.Settle = 5*time.Second, 2*time.Second }

// Messages cross replicas.
func TestReplicas_Messages(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t, slowPoll), w.Replica(t, slowPoll)
	siti := w.Person(auth.Student, "Siti")
	student, tablet := a.Connect(t, siti), b.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	g.Expect(tablet.Expect("session").Data.SessionID).To(Equal(session))

	admin := b.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.Expect("session")

	for i := range 20 {
		if i%2 == 0 {
			student.Say("halo")
			student.Expect("ack")
			admin.ExpectSeqs(int64(i+1), int64(i+1))
		} else {
			admin.Say("ya?", session)
			admin.Expect("ack")
			student.ExpectSeqs(int64(i+1), int64(i+1))
		}
	}

	tablet.ExpectSeqs(1, 20)
	student.Send(map[string]any{"type": "typing"})
	g.Expect(admin.Expect("typing").Data.SenderID).To(Equal(siti.UserID))

	student.Send(map[string]any{"type": "read", "seq": 20})
	g.Expect(admin.Expect("read").Data.Seq).To(BeEquivalentTo(20))
	g.Expect(tablet.Expect("read").Data.Seq).To(BeEquivalentTo(20))
}

// An admin hears of a session that begins on another replica.
func TestReplicas_SessionBegins(t *testing.T) {
	w := chattest.New(t)
	a, b := w.Replica(t), w.Replica(t)
	admin := b.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.ExpectSilence()

	student := a.Connect(t, w.Person(auth.Student, "Siti"))
	session := student.Expect("session").Data.SessionID

	w.Redis.Kill()

	for range 3 {
		student.Say("halo")
		student.Expect("ack")
	}

	admin.ExpectSeqs(1, 3)
	admin.Say("halo", session)
	admin.Expect("ack")
	student.ExpectSeqs(4, 4)
}

// A session closes on every replica.
func TestReplicas_SessionCloses(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t), w.Replica(t)
	siti, budi := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi")
	student := a.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	admin := b.Connect(t, budi)
	admin.Expect("session")
	student.Say("halo")
	student.Expect("ack")
	admin.ExpectSeqs(1, 1)

	w.Backdate(t, session, 31)
	g.Expect(b.Chats.Sweep(t.Context())).To(Succeed())
	g.Expect(student.Expect("session_closed").Data).To(And(HaveField("SessionID", session), HaveField("Reason", "idle")))
	g.Expect(admin.Expect("session_closed").Data.SessionID).To(Equal(session))

	student.Say("masih ada?")
	g.Expect(student.Expect("error").Data.Code).To(Equal("CHAT_SESSION_CLOSED"))

	again := b.Connect(t, siti)
	fresh := again.Expect("session").Data
	g.Expect(fresh.SessionID).NotTo(Equal(session), "a new connection makes a new session")

	again.Resume(session, 0)
	again.ExpectSeqs(1, 1)
	again.Expect("resumed")
	g.Expect(again.Expect("session_closed").Data.SessionID).To(Equal(session), "closed ones stay readable")

	w.Redis.Kill()
	g.Expect(a.Chats.Close(t.Context(), fresh.SessionID)).To(Succeed())
	g.Expect(again.Expect("session_closed").Data).To(And(HaveField("SessionID", fresh.SessionID), HaveField("Reason", "admin")))
}

// The end of an old session is told while others still look at it.
func TestReplicas_OldSessionCloses(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	r := w.Replica(t)
	siti := w.Person(auth.Student, "Siti")
	old, admin := r.Connect(t, siti), r.Connect(t, w.Person(auth.Admin, "Budi"))
	session := old.Expect("session").Data.SessionID
	admin.Expect("session")
	old.Say("halo")
	old.Expect("ack")
	admin.ExpectSeqs(1, 1)
	g.Expect(r.Chats.Close(t.Context(), session)).To(Succeed())

	old.Expect("session_closed")
	admin.Expect("session_closed")

	fresh := r.Connect(t, siti)
	fresh.Expect("session")
	fresh.Say("sesi baru")
	fresh.Expect("ack")
	admin.Expect("new_message")

	for _, c := range []*chattest.Client{fresh, old, admin} {
		c.Resume(session, 0)
		c.ExpectSeqs(1, 1)
		c.Expect("resumed")
		g.Expect(c.Expect("session_closed").Data.SessionID).To(Equal(session), "resume says it again, after the messages")
	}
}

// A client resumes on another replica.
func TestReplicas_Resume(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	a, b := w.Replica(t, patient), w.Replica(t, patient)
	siti := w.Person(auth.Student, "Siti")
	student := a.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	admin := a.Connect(t, w.Person(auth.Admin, "Budi"))
	admin.Expect("session")

	for range 3 {
		admin.Say("halo", session)
		admin.Expect("ack")
	}

	student.ExpectSeqs(1, 3)
	student.Leave()
	// While messages go on, the student comes back again and again, on alternating replicas.
	const rounds, each = 10, 30
	go func() {
		for i := range rounds * each {
			admin.Say(strconv.Itoa(i), session)
			<-admin.Frames()
		}
	}()

	last := int64(3)
	for round := range rounds {
		replica := []*chattest.Replica{a, b}[round%2]
		student = replica.Connect(t, siti)
		g.Expect(student.Expect("session").Data.SessionID).To(Equal(session))

		student.Resume(session, last)
		student.ExpectSeqs(last+1, last+each)
		last += each

		student.Leave()
	}

	g.Expect(w.Seqs(t, session)).To(HaveLen(3 + rounds*each))
}

// A long replay does not overrun the queue.
func TestSocket_Resume_LongReplay(t *testing.T) {
	w := chattest.New(t)
	r := w.Replica(t, func(s *chattest.Settings) { s.QueueBytes = 64 << 10 })
	siti := w.Person(auth.Student, "Siti")
	student := r.Connect(t, siti)
	session := student.Expect("session").Data.SessionID
	w.Exec(t, `INSERT INTO chat.chat_messages (id, session_id, seq, sender, sender_id, message, client_msg_id)
		SELECT gen_random_uuid(), $1, n, 'admin', gen_random_uuid(), repeat('a', 2000), n::text FROM generate_series(1, 1500) n`, session)
	w.Exec(t, `UPDATE chat.chat_sessions SET last_seq = 1500 WHERE id = $1`, session)
	student.Resume(session, 0)
	student.ExpectSeqs(1, 1500)
	student.Expect("resumed")
	student.Say("halo")
	student.Expect("ack")
	student.Resume(session, 1499)
	student.ExpectSeqs(1500, 1501)
}
