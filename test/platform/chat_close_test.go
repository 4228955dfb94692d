package platform_test

import (
	"context"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// endedWithin expects a socket to end with this code before the time is over.
func (c *chatter) endedWithin(limit time.Duration, code int) {
	GinkgoHelper()
	Eventually(c.Ended()).WithTimeout(limit).Should(BeClosed())
	got, reason := c.CloseCode()
	Expect(got).To(Equal(code), reason)
}

var _ = Describe("The end of a chat connection", func() {
	It("comes with 4001 when the token expires, and a new token goes on", func() {
		p := student()
		soon := p.With(madeAt(p, time.Now().Add(3*time.Second-15*time.Minute)))
		short := *p
		short.Client = soon
		ways := []*chatter{
			connect(&short), connectBy(door(p.Client), &short, socket.Token(soon.Token)),
			connectBy(door(p.Client), &short, socket.Ticket(ticket(&short))),
		}
		lasting := enter(p)

		for _, c := range ways {
			c.next("session")
			c.closes(4001)
		}

		Eventually(func() client.Answer { return knock(door(p.Client), socket.Bearer(soon.Token)) }).
			Should(beRefused(401, "AUTH_TOKEN_EXPIRED"), "clocks may differ by a second")
		Expect(lasting.tell("masih di sini")).To(BeEquivalentTo(1))
	})

	DescribeTable("comes with 4003 within a second when the session ends", func(end func(p *client.Person) client.Answer) {
		p := student()
		phone, tablet := enter(p), enter(p)
		Expect(end(p).OK()).To(BeTrue())

		phone.endedWithin(time.Second, 4003)
		tablet.closes(4003)
		Expect(knock(door(p.Client), socket.Bearer(p.Token))).To(invalid)
	},
		Entry("by suspension", func(p *client.Person) client.Answer {
			return admin().SetAccess(p.Session.User.ID, map[string]any{"status": "suspended"})
		}),
		Entry("by another role", func(p *client.Person) client.Answer {
			return admin().SetAccess(p.Session.User.ID, map[string]any{"role": "teacher"})
		}),
		Entry("by signing out", func(p *client.Person) client.Answer { return p.Logout(p.Session.RefreshToken) }),
	)

	It("comes as soon for those whose sessions can be read when another's can't", Serial, func() {
		heavy, p, ctx := student(), student(), context.Background()
		replica := platform.Replicas("chat")[0]
		sockets := []*chatter{connectTo(replica, heavy), connectTo(replica, p)}

		for _, c := range sockets {
			c.session = c.next("session").Data.SessionID
		}

		// For some seconds after one of a person's sessions has ended, the others are read each time.
		second := again(heavy)
		Expect(second.Logout(second.Session.RefreshToken)).To(succeed(204))

		keys, err := platform.Redis.Keys(ctx, "*refresh_token:"+heavy.Session.User.ID+"*").Result()
		Expect(err).NotTo(HaveOccurred())
		Expect(keys).To(HaveLen(1))

		// More than one answer of a sidecar holds.
		document := platform.Redis.HGet(ctx, keys[0], "data").Val()
		Expect(platform.Redis.HSet(ctx, keys[0], "data", document+strings.Repeat(" ", 5<<20)).Err()).To(Succeed())
		DeferCleanup(func() { Expect(platform.Redis.HSet(ctx, keys[0], "data", document).Err()).To(Succeed()) })

		Expect(p.Post("/api/auth/logout-all", nil)).To(succeed(204))
		sockets[1].endedWithin(2*time.Second, 4003)
		Expect(sockets[0].tell("masih di sini")).To(BeEquivalentTo(1), "what can't be read ends nothing")
	})

	It("leaves the other sessions of a person who signs out alone", func() {
		p := student()
		elsewhere := again(p)
		phone, tablet := enter(p), enter(elsewhere)
		Expect(p.Logout(p.Session.RefreshToken)).To(succeed(204))

		phone.endedWithin(time.Second, 4003)
		Expect(tablet.tell("masih di sini")).To(BeEquivalentTo(1))
	})

	It("comes with 4008 for who reads too slowly, and heals by resume", func() {
		p := student()
		fast := enter(p)
		d := door(p.Client)
		d.ReceiveBuffer = 32 << 10

		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()

		slow, err := d.Dial(ctx, socket.Bearer(p.Token))
		Expect(err).NotTo(HaveOccurred())

		DeferCleanup(slow.Break)
		Expect(slow.Send(socket.Typing(""))).To(Succeed(), "so that it hears what is said from now on")

		const total = 150 // as many as one may send at once

		text := strings.Repeat("🎻", 4000) // 16,000 bytes

		desk := watch(admin(), fast.session)
		for range total {
			desk.tell(text)
		}

		fast.hears(1, total)

		late := &chatter{Listener: socket.Listen(slow), person: p, session: fast.session}
		late.endedWithin(30*time.Second, 4008)
		heard := late.numbers("new_message")
		Expect(heard).To(Equal(upTo(len(heard))))
		Expect(len(heard)).To(BeNumerically("<", total), "not everything is kept for who does not read")

		back := enter(p)
		Expect(back.Send(socket.Resume("", int64(len(heard))))).To(Succeed())

		back.hears(int64(len(heard)+1), total)
	})

	It("comes with 4029 for too many frames, and for too many sockets of one person", func() {
		eager := enter(student())
		for range 300 {
			if eager.Send(socket.Typing("")) != nil {
				break
			}
		}

		eager.closes(4029)

		replicas, busy := len(platform.Replicas("chat")), student()

		var sockets []*chatter
		for range 50*replicas + 5 {
			sockets = append(sockets, connect(busy))
		}

		refused := func() (n int) {
			for _, c := range sockets {
				if code, _ := c.CloseCode(); code == 4029 {
					n++
				}
			}

			return n
		}
		Eventually(refused).WithTimeout(hearing).Should(Equal(5))

		enter(student())
	})

	It("comes with 1001 and a hint when the server stops, and the next one goes on", Serial, func() {
		p := student()

		var sockets []*chatter
		for range 6 {
			sockets = append(sockets, enter(p))
		}

		Expect(sockets[0].tell("sebelum")).To(BeEquivalentTo(1))

		for _, replica := range platform.Replicas("chat") {
			ctx, cancel := context.WithTimeout(context.Background(), recovery)
			defer cancel()

			Expect(platform.Restart(ctx, replica)).To(Succeed())
		}

		hints := map[int]bool{}
		for _, c := range sockets {
			after, err := strconv.Atoi(strings.TrimPrefix(c.closes(1001), "reconnect_after_ms="))
			Expect(err).NotTo(HaveOccurred())
			Expect(after).To(BeNumerically(">=", 0))

			hints[after] = true
		}

		Expect(len(hints)).To(BeNumerically(">", 1), "not all come back at once")

		back := enter(p)
		Expect(back.session).To(Equal(sockets[0].session))
		Expect(back.Send(socket.Resume("", 0))).To(Succeed())

		back.hears(1, 1)
		back.next("resumed")
		Expect(back.tell("sesudah")).To(BeEquivalentTo(2))
	})
})
