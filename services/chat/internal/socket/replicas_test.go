package socket_test

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	"github.com/shema-music/shema/services/kit/auth"
)

// slowPoll makes sure that what comes comes over Redis.
func slowPoll(s *chattest.Settings) { s.PollEvery = time.Minute }

// patient gives clients of a busy machine time for their resume frames.
func patient(s *chattest.Settings) { s.Hold, s.Settle = 5*time.Second, 2*time.Second }

func TestMessagesCrossReplicas(t *testing.T) {
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

func TestASessionThatBeginsOnAnotherReplica(t *testing.T) {
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

func TestASessionClosesOnEveryReplica(t *testing.T) {
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
	g.Expect(again.Expect("session_closed").Data.SessionID).To(Equal(session), "closed ones stay readable")
	w.Redis.Kill()
	g.Expect(a.Chats.Close(t.Context(), fresh.SessionID)).To(Succeed())
	g.Expect(again.Expect("session_closed").Data).To(And(HaveField("SessionID", fresh.SessionID), HaveField("Reason", "admin")))
}

func TestResumeOnAnotherReplica(t *testing.T) {
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

func TestALongReplayDoesNotOverrunTheQueue(t *testing.T) {
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
	student.Say("halo")
	student.Expect("ack")
	student.Resume(session, 1499)
	student.ExpectSeqs(1500, 1501)
}

// conversation lets several people write in one session over changing connections until all is acknowledged, and
// checks at the end that everybody has everything once.
type conversation struct {
	t       *testing.T
	w       *chattest.World
	person  auth.Principal
	session uuid.UUID
	replica func() *chattest.Replica

	client *chattest.Client
	heard  []int64
	acked  map[string]int64
}

// connect comes back, resumes, and reports what has to be sent again.
func (c *conversation) connect() bool {
	replica := c.replica()
	client, _, err := replica.Dial(c.t, http.Header{"Authorization": {"Bearer " + c.w.Token(c.t, c.person)}}, "")
	if err != nil {
		return false
	}
	c.client = client
	last := int64(0)
	if len(c.heard) > 0 {
		last = c.heard[len(c.heard)-1]
	}
	client.Resume(c.session, last)
	return true
}

// say sends one message until it is acknowledged, over as many connections as it takes.
func (c *conversation) say(text string) {
	frame := map[string]any{"type": "message", "client_msg_id": text, "message": text, "session_id": c.session}
	for {
		if c.client == nil && !c.connect() {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		c.client.Send(frame)
		if c.until(func(f *chattest.Frame) bool { return f.Type == "ack" && f.Data.ClientMsgID == text }) {
			return
		}
		c.client = nil
	}
}

// until reads frames until one is wanted; it reports false if the connection ends or the server can't just now.
func (c *conversation) until(wanted func(*chattest.Frame) bool) bool {
	for {
		select {
		case f := <-c.client.Frames():
			c.take(&f)
			if f.Type == "error" {
				return false
			}
			if wanted(&f) {
				return true
			}
		case <-c.client.Done():
			for len(c.client.Frames()) > 0 {
				f := <-c.client.Frames()
				c.take(&f)
			}
			return false
		case <-time.After(15 * time.Second):
			c.client.Leave()
			return false
		}
	}
}

func (c *conversation) take(f *chattest.Frame) {
	switch f.Type {
	case "ack":
		c.acked[f.Data.ClientMsgID] = f.Data.Seq
	case "new_message":
		if f.Data.SessionID == c.session {
			c.heard = append(c.heard, f.Data.Seq)
		}
	}
}

func TestNothingIsLostOrDoubledWhileReplicasAndRedisDie(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	var mu sync.Mutex
	replicas := []*chattest.Replica{w.Replica(t, patient), w.Replica(t, patient)}
	next := 0
	pick := func() *chattest.Replica {
		mu.Lock()
		defer mu.Unlock()
		next++
		return replicas[next%len(replicas)]
	}
	siti, budi, ani := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi"), w.Person(auth.Admin, "Ani")
	session, err := replicas[0].Chats.Enter(t.Context(), chat.ViewerOf(siti))
	g.Expect(err).NotTo(HaveOccurred())
	const each = 150
	people := make([]*conversation, 3)
	var writers sync.WaitGroup
	for i, p := range []auth.Principal{siti, budi, ani} {
		people[i] = &conversation{t: t, w: w, person: p, session: session[0].ID, replica: pick, acked: map[string]int64{}}
		writers.Go(func() {
			for n := range each {
				people[i].say(fmt.Sprintf("%s-%d", p.UserID, n))
			}
		})
	}
	finished := make(chan struct{})
	go func() { writers.Wait(); close(finished) }()
	for round := 0; ; round++ {
		mu.Lock()
		victim := replicas[round%2]
		replicas[round%2] = w.Replica(t, patient)
		mu.Unlock()
		switch round % 3 {
		case 0:
			victim.Kill()
		case 1:
			w.Redis.Kill()
			victim.Stop()
		case 2:
			victim.Kill()
			w.Redis.Start(t)
		}
		select {
		case <-finished:
		case <-time.After(150 * time.Millisecond):
			continue
		}
		break
	}
	seqs := w.Seqs(t, session[0].ID)
	g.Expect(seqs).To(HaveLen(3 * each))
	g.Expect(seqs[len(seqs)-1]).To(BeEquivalentTo(3*each), "no holes")
	for _, c := range people {
		g.Expect(c.acked).To(HaveLen(each))
		c.checkEverythingHeard(g)
	}
}

// checkEverythingHeard lets the person come back once more, and compares what they know with what was said.
func (c *conversation) checkEverythingHeard(g *WithT) {
	total := int64(len(c.w.Seqs(c.t, c.session)))
	known := map[int64]int{}
	for _, seq := range c.acked {
		known[seq]++
	}
	if c.client != nil {
		c.client.Leave()
	}
	g.Expect(c.connect()).To(BeTrue())
	for c.missing(known, total) > 0 {
		g.Expect(c.until(func(*chattest.Frame) bool { return true })).To(BeTrue())
	}
	for i := 1; i < len(c.heard); i++ {
		g.Expect(c.heard[i]).To(BeNumerically(">", c.heard[i-1]), "in order, none twice")
	}
}

func (c *conversation) missing(acked map[int64]int, total int64) int64 {
	known := map[int64]bool{}
	for seq := range acked {
		known[seq] = true
	}
	for _, seq := range c.heard {
		known[seq] = true
	}
	return total - int64(len(known))
}
