package platform_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// talker goes on talking in a session whatever happens to the connection, as a good client does: it comes back, asks
// for what it has missed, and sends again what was not acknowledged.
type talker struct {
	person  *client.Person
	session string
	base    string

	line  *chatter
	heard []int64
	acked map[string]int64
}

func (t *talker) named() string {
	if t.person.Session.User.Role == "admin" {
		return t.session
	}

	return ""
}

// come connects and resumes; it reports whether that worked.
func (t *talker) come() bool {
	ctx, cancel := context.WithTimeout(context.Background(), hearing)
	defer cancel()

	d := socket.Dialer{Base: t.base, Header: map[string][]string{"X-Forwarded-For": {t.person.Address}}}

	conn, err := d.Dial(ctx, socket.Bearer(t.person.Token))
	if err != nil {
		return false
	}

	t.line = &chatter{Listener: socket.Listen(conn), person: t.person, session: t.session}

	last := int64(0)
	if len(t.heard) > 0 {
		last = t.heard[len(t.heard)-1]
	}

	return conn.Send(socket.Resume(t.named(), last)) == nil
}

// talk sends one message until it is acknowledged, over as many connections as that takes.
func (t *talker) talk(id string) {
	GinkgoHelper()

	for {
		if t.line == nil {
			Eventually(t.come).WithTimeout(recovery).WithPolling(50 * time.Millisecond).Should(BeTrue())
		}

		if t.line.Send(socket.Say(t.named(), id, id)) == nil && t.until(func() bool { return t.acked[id] > 0 }) {
			return
		}

		t.line.Break()
		t.line = nil
	}
}

// until takes frames in until something is so; it reports false if the connection ends, or the server can't just now.
func (t *talker) until(so func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()

	for !so() {
		f, err := t.line.Next(ctx)
		switch {
		case err != nil, f.Type == "error":
			return false
		case f.Data.SessionID != t.session:
		case f.Type == "ack":
			t.acked[f.Data.ClientMsgID] = f.Data.Seq
		case f.Type == "new_message":
			t.heard = append(t.heard, f.Data.Seq)
		}
	}

	return true
}

// knows returns what the talker knows of the session, by acknowledgements and by messages.
func (t *talker) knows() []int64 {
	known := slices.Clone(t.heard)
	for _, seq := range t.acked {
		known = append(known, seq)
	}

	slices.Sort(known)

	return slices.Compact(known)
}

// talks lets three people talk while one thing after the other happens, and checks that nothing was lost or doubled.
// Between two of them the talk goes on for a while.
func talks(happenings ...func() error) {
	GinkgoHelper()

	const between = 30

	p, second := student(), withRole("admin")
	session := enter(p).session
	talkers := []*talker{{person: p}, {person: admin()}, {person: second}}

	var over atomic.Bool
	defer over.Store(true)

	var (
		said atomic.Int64
		all  sync.WaitGroup
	)
	for i, t := range talkers {
		t.session, t.base, t.acked = session, platform.Gateway, map[string]int64{}
		if i == 1 {
			t.base = platform.ServiceURL("gateway-2")
		}

		all.Go(func() {
			defer GinkgoRecover()

			for n := 0; !over.Load(); n++ {
				t.talk(fmt.Sprintf("%d-%d-%s", i, n, uuid.NewString()))
				said.Add(1)
			}
		})
	}

	for _, happens := range append(happenings, func() error { return nil }) {
		goal := said.Load() + between
		Eventually(said.Load).WithTimeout(recovery).Should(BeNumerically(">=", goal))
		Expect(happens()).To(Succeed())
	}

	over.Store(true)
	all.Wait()
	platform.DB.Reset() // its connections may have died with the server
	judge(session, talkers)
}

func judge(session string, talkers []*talker) {
	GinkgoHelper()

	kept := conversationOf(session)

	total := 0
	for _, t := range talkers {
		total += len(t.acked)
		for id, seq := range t.acked {
			Expect(kept.names[seq-1]).To(Equal(id), "what was acknowledged is there")
		}
	}

	Expect(kept.seqs).To(Equal(upTo(total)), "no holes, and nothing twice")

	for _, t := range talkers {
		Eventually(func() bool {
			return (t.line != nil || t.come()) && t.until(func() bool { return len(t.knows()) == total })
		}).WithTimeout(recovery).WithPolling(100*time.Millisecond).Should(BeTrue(), "every talker hears everything")
		Expect(slices.IsSorted(t.heard)).To(BeTrue(), "in order")
		Expect(slices.Compact(slices.Clone(t.heard))).To(HaveLen(len(t.heard)), "each once")

		t.line.Break()
	}

	AddReportEntry("messages", total)
}

var _ = Describe("A conversation", Serial, SpecPriority(-1), acrossReplicas, func() {
	It("goes on at another replica, which knows what was said before", func() {
		replicas := platform.Replicas("chat")
		p := student()
		first, other := connectTo(replicas[0], p), connectTo(replicas[len(replicas)-1], p)
		first.session = first.next("session").Data.SessionID
		other.session = other.next("session").Data.SessionID
		Expect(other.session).To(Equal(first.session))

		for i := range 10 {
			Expect(first.tell(strconv.Itoa(i))).To(BeEquivalentTo(i + 1))
		}

		other.hears(1, 10)
		Expect(first.Leave()).To(Succeed())

		desk := connectTo(replicas[len(replicas)-1], admin())
		desk.session = first.session
		desk.next("session")
		Expect(desk.tell("jawaban")).To(BeEquivalentTo(11))

		back := connectTo(replicas[len(replicas)-1], p)
		back.session = first.session
		Expect(back.next("session").Data.LastSeq).To(BeEquivalentTo(11))
		Expect(back.Send(socket.Resume("", 4))).To(Succeed())

		back.hears(5, 11)
		Expect(back.next("resumed").Data.LastSeq).To(BeEquivalentTo(11))
		Expect(back.tell("terima kasih")).To(BeEquivalentTo(12))

		desk.hears(12, 12)
	})

	kill := func(part string) func() error { return func() error { return platform.Kill(part) } }
	stop := func(part string) func() error {
		return func() error {
			DeferCleanup(func() { _ = platform.Start(part) })
			return platform.Stop(part)
		}
	}
	replace := func(part string) func() error { return func() error { return restart(part) } }
	DescribeTable("loses and doubles nothing while", func(happenings ...func() error) { talks(happenings...) },
		Entry("the chat's replicas are killed", kill("chat"), kill("chat-2"), kill("chat")),
		Entry("the chat's replicas are replaced", replace("chat"), replace("chat-2"), replace("chat")),
		Entry("Redis is killed", kill("redis"), kill("redis")),
		Entry("Postgres is killed", kill("postgres")),
		Entry("the gateways are killed", kill("gateway"), kill("gateway-2")),
		Entry("a replica is killed while Redis is away", stop("redis"), func() error {
			return errors.Join(platform.Kill("chat"), platform.Start("redis"))
		}, kill("chat-2")),
	)

	It("goes on without Redis, a little later", func() {
		p := student()
		replicas := platform.Replicas("chat")
		phone, desk := connectTo(replicas[0], p), connectTo(replicas[len(replicas)-1], admin())
		phone.session = phone.next("session").Data.SessionID
		desk.session = phone.session
		desk.next("session")
		Expect(phone.tell("sebelum")).To(BeEquivalentTo(1))

		desk.hears(1, 1)
		Expect(platform.Stop("redis")).To(Succeed())

		DeferCleanup(func() { _ = platform.Start("redis") })
		Expect(phone.tell("tanpa Redis")).To(BeEquivalentTo(2))

		desk.hears(2, 2)
		Expect(desk.tell("saya dengar")).To(BeEquivalentTo(3))

		phone.hears(3, 3)
		Expect(platform.Start("redis")).To(Succeed())
		Expect(phone.tell("sesudah")).To(BeEquivalentTo(4))

		desk.hears(4, 4)
	})
})

func restart(part string) error {
	ctx, cancel := context.WithTimeout(context.Background(), recovery)
	defer cancel()
	return platform.Restart(ctx, part)
}
