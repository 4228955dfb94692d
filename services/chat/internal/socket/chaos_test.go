package socket_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/chat/internal/chat"
	"github.com/shema-music/shema/services/chat/internal/chattest"
	"github.com/shema-music/shema/services/kit/auth"
)

// conversation lets several people write in one session over changing connections until all is acknowledged, and
// checks at the end that each of them has everything once.
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
		if c.client == nil {
			NewWithT(c.t).Eventually(c.connect, "20s", "20ms").Should(BeTrue())
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

// cluster is two replicas that are replaced again and again.
type cluster struct {
	t *testing.T
	w *chattest.World

	mu       sync.Mutex
	replicas [2]*chattest.Replica
	picked   int
}

func (c *cluster) pick() *chattest.Replica {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.picked++

	return c.replicas[c.picked%2]
}

// replace starts a new replica for an old one, which is returned.
func (c *cluster) replace(i int) *chattest.Replica {
	fresh := c.w.Replica(c.t, patient)
	c.mu.Lock()
	defer c.mu.Unlock()

	old := c.replicas[i]
	c.replicas[i] = fresh

	return old
}

// havoc lets replicas and Redis end and begin until the others have finished.
func (c *cluster) havoc(finished <-chan struct{}) {
	const respite = 150 * time.Millisecond
	for round := 0; ; round++ {
		victim := c.replace(round % 2)
		switch round % 3 {
		case 0:
			victim.Kill()
		case 1:
			c.w.Redis.Kill()
			victim.Stop()
		case 2:
			victim.Kill()
			c.w.Redis.Restart(c.t)
		}

		select {
		case <-finished:
			return
		case <-time.After(respite):
		}
	}
}

// Nothing is lost or doubled while replicas and Redis die.
func TestReplicas_Crashes(t *testing.T) {
	w := chattest.New(t)
	g := NewWithT(t)
	c := &cluster{t: t, w: w, replicas: [2]*chattest.Replica{w.Replica(t, patient), w.Replica(t, patient)}}
	siti, budi, ani := w.Person(auth.Student, "Siti"), w.Person(auth.Admin, "Budi"), w.Person(auth.Admin, "Ani")
	session, err := c.replicas[0].Chats.Enter(t.Context(), chat.ViewerOf(siti))
	g.Expect(err).NotTo(HaveOccurred())

	const each = 150

	var (
		people  []*conversation
		writers sync.WaitGroup
	)
	for _, p := range []auth.Principal{siti, budi, ani} {
		person := &conversation{
			t:       t,
			w:       w,
			person:  p,
			session: session[0].ID,
			replica: c.pick,
			acked:   map[string]int64{},
		}
		people = append(people, person)
		writers.Go(func() {
			for n := range each {
				person.say(fmt.Sprintf("%s-%d", p.UserID, n))
			}
		})
	}

	finished := make(chan struct{})
	go func() { writers.Wait(); close(finished) }()

	c.havoc(finished)

	seqs := w.Seqs(t, session[0].ID)
	g.Expect(seqs).To(HaveLen(3 * each))
	g.Expect(seqs[len(seqs)-1]).To(BeEquivalentTo(3*each), "no holes")

	for _, person := range people {
		g.Expect(person.acked).To(HaveLen(each))

		person.checkEverythingHeard(g)
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
