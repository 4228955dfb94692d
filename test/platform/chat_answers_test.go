package platform_test

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// sessions are those that the person sees, with a query such as ?unanswered=true.
func sessions(p *client.Person, query string) []client.ChatSession {
	GinkgoHelper()

	all, err := client.Walk[client.ChatSession](p.Client, "/api/chat/sessions"+query)
	Expect(err).NotTo(HaveOccurred())

	return all
}

// unansweredCount is how many sessions wait for an answer.
func unansweredCount() int {
	GinkgoHelper()

	return read[struct {
		Unanswered int `json:"unanswered"`
	}](admin().Get("/api/chat/stats"), 200).Unanswered
}

// closeAs closes a session as an admin.
func closeAs(p *client.Person, session string) {
	GinkgoHelper()
	Expect(p.Post("/api/chat/sessions/"+session+"/close", nil)).To(succeed(204))
}

// toldOf returns the notifications of that type about a session.
func toldOf(p *client.Person, kind, session string) ([]client.Notification, error) {
	return notifications(p, func(n *client.Notification) bool { return n.Data["session_id"] == session && n.Type == kind })
}

var _ = Describe("A question in the chat", func() {
	It("stays on the list of unanswered ones until an admin reads or answers it", func() {
		p, other := student(), student()
		phone, tablet := enter(p), enter(other)
		before := unansweredCount()

		phone.tell("ada piano?")
		tablet.tell("ada biola?")

		waiting := sessions(admin(), "?unanswered=true&limit=100")
		Expect(waiting).To(ContainElements(HaveField("ID", phone.session), HaveField("ID", tablet.session)))
		Expect(waiting).To(HaveEach(HaveField("Unanswered", true)))
		Expect(unansweredCount()).To(BeNumerically(">=", 2))

		desk := watch(admin(), phone.session)
		Expect(desk.Send(socket.Read(phone.session, 1))).To(Succeed())
		desk.fence()

		answer := watch(admin(), tablet.session)
		Expect(answer.tell("ada")).To(BeEquivalentTo(2))

		Expect(sessions(admin(), "?unanswered=true&limit=100")).NotTo(
			ContainElement(HaveField("ID", BeElementOf(phone.session, tablet.session))))
		Expect(sessions(admin(), "?unanswered=false&limit=100")).To(ContainElements(
			HaveField("ID", phone.session), HaveField("ID", tablet.session)))
		Expect(unansweredCount()).To(BeNumerically("~", before, 3), "others go on meanwhile")
		Expect(sessions(other, "")).To(ConsistOf(And(HaveField("ID", tablet.session), HaveField("Unread", 1))))
	})

	It("is not forgotten when its session closes: the admins are told, once", func() {
		p := student()
		phone := enter(p)
		phone.tell("apakah ada orang?")
		closeAs(admin(), phone.session)

		Expect(sessions(admin(), "?unanswered=true&status=closed&limit=100")).To(ContainElement(
			And(HaveField("ID", phone.session), HaveField("Status", "closed"), HaveField("User.ID", p.Session.User.ID))))
		Eventually(toldOf).WithArguments(admin(), "chat_unanswered", phone.session).WithTimeout(hearing).Should(HaveLen(1))

		closeAs(admin(), phone.session)
		Consistently(toldOf).WithArguments(admin(), "chat_unanswered", phone.session).WithTimeout(2 * time.Second).Should(HaveLen(1))
	})

	It("can be answered after its session has closed, which opens it again", func() {
		p := student()
		phone := enter(p)
		phone.tell("apakah ada orang?")
		closeAs(admin(), phone.session)
		phone.next("session_closed")

		desk := connect(admin())
		desk.session = phone.session
		Expect(desk.tell("maaf, sekarang ada")).To(BeEquivalentTo(2))
		phone.hears(2, 2)

		back := enter(p)
		Expect(back.session).To(Equal(phone.session), "the person finds it")
		Expect(back.tell("terima kasih")).To(BeEquivalentTo(3))

		desk.hears(3, 3)
		Expect(open()).To(ContainElement(HaveField("ID", phone.session)))
		Expect(sessions(p, "?status=closed")).To(BeEmpty())
	})

	It("is not answered in an old session while the person has a new one", func() {
		p := student()
		old := enter(p)
		old.tell("lama")
		closeAs(admin(), old.session)

		fresh := enter(p)
		Expect(fresh.session).NotTo(Equal(old.session))

		desk := connect(admin())
		desk.session = old.session
		desk.refuses(socket.Say(old.session, uuid.NewString(), "halo?"), "CHAT_SESSION_CLOSED")
	})

	It("that is sent again after its session has closed is acknowledged and told to no other socket", func() {
		p := student()
		phone := enter(p)
		id := phone.say("sekali")
		phone.next("ack")
		closeAs(admin(), phone.session)
		phone.next("session_closed")

		late := connect(admin())
		late.session = phone.session
		late.fence()
		Expect(phone.Send(socket.Say("", id, "sekali"))).To(Succeed())
		Expect(phone.next("ack").Data.Seq).To(BeEquivalentTo(1))

		late.fence()
		Expect(late.numbers("new_message")).To(BeEmpty())
		Expect(phone.tells("satu lagi")).To(Equal("CHAT_SESSION_CLOSED"))
	})
})

// tells sends a message that is refused, and returns the code.
func (c *chatter) tells(text string) string {
	GinkgoHelper()
	c.say(text)

	return c.next("error").Data.Code
}

var _ = Describe("What a chat client needs to know", func() {
	It("is how far was read, right after connecting, and id and time of what it has sent", func() {
		p := student()
		phone := enter(p)
		desk := watch(admin(), phone.session)

		phone.say("satu")
		ack := phone.next("ack").Data
		Expect(ack.ID).To(MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-7`))
		Expect(ack.Timestamp).To(BeTemporally("~", time.Now(), 10*time.Second))
		Expect(desk.next("new_message").Data).To(And(HaveField("ID", ack.ID), HaveField("Timestamp", ack.Timestamp)))

		phone.tell("dua")
		desk.hears(2, 2)
		Expect(desk.Send(socket.Read(phone.session, 1))).To(Succeed())
		phone.next("read")
		Expect(phone.Send(socket.Read("", 2))).To(Succeed())
		desk.next("read")

		tablet := connect(p)
		Expect(tablet.next("session").Data.Read).To(Equal(socket.ReadMarks{Mine: 2, Others: 1}))

		office := connect(admin())
		office.session = phone.session
		Expect(office.next("session").Data.Read).To(Equal(socket.ReadMarks{Mine: 1, Others: 2}))
	})

	It("is that the server is there, and when a resume has ended", func() {
		p := student()
		phone := enter(p)
		Expect(phone.Send(`{"type":"ping"}`)).To(Succeed())
		phone.next("pong")

		for range 3 {
			phone.tell("halo")
		}

		back := enter(p)
		Expect(back.Send(socket.Resume("", 1))).To(Succeed())
		back.hears(2, 3)
		Expect(back.next("resumed").Data).To(And(HaveField("SessionID", back.session), HaveField("LastSeq", BeEquivalentTo(3))))
	})

	It("is the newest messages first, page by page", func() {
		p := student()

		phone := enter(p)
		for range 5 {
			phone.tell("halo")
		}

		seqs := func(query string) (seqs []int64) {
			pages, err := client.Walk[socket.Message](p.Client, "/api/chat/sessions/"+phone.session+"/messages"+query)
			Expect(err).NotTo(HaveOccurred())

			for _, m := range pages {
				seqs = append(seqs, m.Seq)
			}

			return seqs
		}
		Expect(seqs("?before_seq=6&limit=2")).To(Equal([]int64{5, 4, 3, 2, 1}))
		Expect(seqs("?before_seq=3&limit=100")).To(Equal([]int64{2, 1}))
		Expect(history(p, phone.session, "?before_seq=3&after_seq=1")).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(history(p, phone.session, "?before_seq=0")).To(beRefused(400, "VALIDATION_FAILED"))
	})

	It("is a new notification, at once, over every open socket", func() {
		p := student()

		var all []*chatter
		for _, replica := range platform.Replicas("chat") {
			c := connectTo(replica, p)
			c.session = c.next("session").Data.SessionID
			all = append(all, c)
		}

		booked(p, course(2), 0, 1)

		for _, c := range all {
			f := c.any()
			Expect(f.Type).To(Equal("notification"))
			Expect(f.Data).To(And(HaveField("Type", "booking_received"), HaveField("Title", Not(BeEmpty())),
				HaveField("UnreadCount", BeNumerically(">=", 1)), HaveField("ID", Not(BeEmpty()))))
		}
	})
})

var _ = Describe("A chat frame that breaks the rules of WebSockets", func() {
	It("ends the connection with the code that RFC 6455 has for it", func() {
		p := student()
		long := enter(p)
		Expect(long.Send(socket.Say("", "1", strings.Repeat("a", 1<<20)))).To(Succeed())
		long.closes(1009)

		broken := enter(p)
		Expect(broken.SendRaw(1, []byte("{\"type\":\"message\xff\"}"))).To(Succeed())
		broken.closes(1007)
	})

	It("leaves a ticket as it was when the handshake is wrong", func() {
		p := student()
		good := ticket(p)
		answer := p.Get("/api/chat/connect?ticket="+good, client.Header("Authorization", ""), client.Header("Connection", "Upgrade"),
			client.Header("Upgrade", "websocket"), client.Header("Sec-WebSocket-Version", "12"),
			client.Header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="))
		Expect(answer).To(beRefused(426, "CHAT_UPGRADE_REQUIRED"))
		connectBy(door(p.Client), p, socket.Ticket(good)).next("session")
	})
})

var _ = Describe("A person who leaves", func() {
	It("leaves no word in the chat", func() {
		p := student()
		phone := enter(p)
		secret := "rahasia-" + uuid.NewString()
		phone.tell(secret)
		watch(admin(), phone.session).tell("tentang " + secret)

		Expect(p.Do("DELETE", "/api/users/me", map[string]any{"current_password": password})).To(succeed(204))
		phone.closes(4003)
		Eventually(func() (n int) {
			row := platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM chat.chat_messages WHERE message LIKE '%'||$1||'%'`, secret)
			Expect(row.Scan(&n)).To(Succeed())

			return n
		}).WithTimeout(time.Minute).Should(BeZero())
		Expect(read[client.Page[socket.Message]](history(admin(), phone.session, ""), 200).Items).To(HaveEach(HaveField("Text", "")))
	})
})
