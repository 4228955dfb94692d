package platform_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

var _ = Describe("Talking in the chat", func() {
	It("acknowledges to the sending socket, and tells all others of the session and every admin", func() {
		var p, other, second *client.Person
		atOnce(func() { p = student() }, func() { other = student() }, func() { second = withRole("admin") })

		phone, tablet, stranger := enter(p), enter(p), enter(other)
		desk, backOffice := watch(admin(), phone.session), watch(second, phone.session)

		id := phone.say("Selamat pagi! 🎵")
		Expect(phone.next("ack").Data).To(And(
			HaveField("ClientMsgID", id), HaveField("SessionID", phone.session), HaveField("Seq", int64(1))))

		for _, c := range []*chatter{tablet, desk, backOffice} {
			Expect(c.next("new_message").Data.Message).To(And(
				HaveField("SessionID", phone.session), HaveField("Seq", int64(1)), HaveField("ClientMsgID", id),
				HaveField("Sender", "student"), HaveField("SenderID", p.Session.User.ID), HaveField("SenderName", "Siswa Uji"),
				HaveField("Text", "Selamat pagi! 🎵"), HaveField("ID", MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-7`)),
				HaveField("Timestamp", BeTemporally("~", time.Now(), 10*time.Second))))
		}

		Expect(desk.tell("Pagi, ada yang bisa dibantu?")).To(BeEquivalentTo(2))

		for _, c := range []*chatter{phone, tablet, backOffice} {
			Expect(c.next("new_message").Data).To(And(
				HaveField("Seq", int64(2)), HaveField("Sender", "admin"), HaveField("SenderID", admin().Session.User.ID)))
		}

		for _, c := range []*chatter{phone, tablet, stranger, desk, backOffice} {
			c.fence()
		}

		Expect(stranger.Heard()).NotTo(ContainElement(HaveField("Type", "new_message")))
		Expect(phone.Heard()).To(HaveLen(4), "session, ack, new_message and the fence: the sender does not hear itself")
	})

	It("numbers the messages of many senders at once without holes, and every socket hears all of them in order", func() {
		const each = 30

		p, second := student(), withRole("admin")
		people := []*chatter{enter(p), enter(p), enter(p)}
		session := people[0].session
		people = append(people, watch(admin(), session), watch(second, session))

		var senders sync.WaitGroup
		for _, c := range people {
			senders.Go(func() {
				defer GinkgoRecover()

				for range each {
					c.say("halo")
				}
			})
		}

		senders.Wait()

		total := each * len(people)
		for _, c := range people {
			Eventually(func() int { return len(c.known()) }).WithTimeout(hearing).Should(Equal(total))
			Expect(slices.Sorted(slices.Values(c.known()))).To(Equal(upTo(total)), "each once, as an ack or as a message")
			Expect(slices.IsSorted(c.numbers("new_message"))).To(BeTrue(), "in order")
			Expect(c.numbers("ack")).To(HaveLen(each))
		}

		Expect(conversationOf(session).seqs).To(Equal(upTo(total)))
	})

	It("writes a message once, however often it is sent", func() {
		p := student()
		phone, tablet := enter(p), enter(p)
		desk := watch(admin(), phone.session)
		id := uuid.NewString()
		atOnce(
			func() { Expect(phone.Send(socket.Say("", id, "sekali"))).To(Succeed()) },
			func() { Expect(phone.Send(socket.Say("", id, "sekali"))).To(Succeed()) },
			func() { Expect(tablet.Send(socket.Say("", id, "sekali"))).To(Succeed()) },
		)
		Eventually(func() []int64 { return append(phone.numbers("ack"), tablet.numbers("ack")...) }).
			Should(Equal([]int64{1, 1, 1}))

		phone.fence()
		f := phone.refuses(socket.Say("", id, "etwas anderes"), "VALIDATION_IDEMPOTENCY_MISMATCH")
		Expect(f.Data.ClientMsgID).To(Equal(id))
		Expect(phone.tell("berikutnya")).To(BeEquivalentTo(2))

		desk.hears(1, 2)
		desk.fence()
		Expect(desk.numbers("new_message")).To(ContainElements(int64(1), int64(2)))
		Expect(conversationOf(phone.session).seqs).To(Equal(upTo(2)))
		Expect(desk.Send(socket.Say(phone.session, id, "nama yang sama dari orang lain"))).To(Succeed())
		Expect(desk.next("ack").Data.Seq).To(BeEquivalentTo(3), "names are one's own")

		other := enter(student())
		desk.session = ""
		Expect(desk.Send(socket.Say(other.session, id, "nama yang sama dari orang lain"))).To(Succeed())
		Eventually(desk.Heard).Should(ContainElement(And(HaveField("Type", "error"), HaveField("Data.Code", "VALIDATION_IDEMPOTENCY_MISMATCH"))),
			"in another session it would be another message")
		Expect(conversationOf(other.session).seqs).To(BeEmpty())
	})

	It("takes 4000 Unicode characters and not one more", func() {
		p := student()
		phone, tablet := enter(p), enter(p)
		long := strings.Repeat("🎹", 3999) + "é"
		Expect(phone.tell(long)).To(BeEquivalentTo(1))
		Expect(tablet.next("new_message").Data.Text).To(Equal(long))

		for _, text := range []string{long + "!", strings.Repeat("a", 4001)} {
			f := phone.refuses(socket.Say("", "terlalu-panjang", text), "CHAT_MESSAGE_TOO_LONG")
			Expect(f.Data.ClientMsgID).To(Equal("terlalu-panjang"))
			Expect(f.Data.Error).To(ContainSubstring("4000"))
		}

		phone.refuses(socket.Say("", "kosong", ""), "CHAT_MESSAGE_EMPTY")
		phone.refuses(socket.Say("", "kosong", " \n"), "CHAT_MESSAGE_EMPTY")
		phone.refuses(socket.Say("", "kosong", "\u200b\u3164\u2800"), "CHAT_MESSAGE_EMPTY")
		Expect(phone.tell("masih di sini")).To(BeEquivalentTo(2))

		history := read[client.Page[socket.Message]](p.Get("/api/chat/sessions/"+phone.session+"/messages"), 200)
		Expect(history.Items[0].Text).To(Equal(long))
	})

	It("shows who is typing and how far others have read", func() {
		p := student()
		phone, tablet := enter(p), enter(p)
		desk := watch(admin(), phone.session)
		phone.tell("satu")
		phone.tell("dua")
		desk.hears(1, 2)
		tablet.hears(1, 2)
		Expect(unread(phone.session)).To(Equal(2))

		Expect(phone.Send(socket.Typing(""))).To(Succeed())
		Expect(desk.next("typing").Data).To(And(HaveField("Sender", "student"), HaveField("SenderID", p.Session.User.ID)))
		Expect(desk.Send(socket.Typing(phone.session))).To(Succeed())

		for _, c := range []*chatter{phone, tablet} {
			Expect(c.next("typing").Data).To(And(HaveField("Sender", "admin"), HaveField("SessionID", phone.session)))
		}

		Expect(desk.Send(socket.Read(phone.session, 1))).To(Succeed())

		for _, c := range []*chatter{phone, tablet} {
			Expect(c.next("read").Data).To(And(HaveField("Sender", "admin"), HaveField("Seq", int64(1))))
		}

		Expect(unread(phone.session)).To(Equal(1))
		Expect(desk.Send(socket.Read(phone.session, 99))).To(Succeed())
		Expect(phone.next("read").Data.Seq).To(BeEquivalentTo(2), "what was not said can't have been read")
		Expect(desk.Send(socket.Read(phone.session, 1))).To(Succeed())

		desk.fence()
		Expect(unread(phone.session)).To(BeZero(), "what was read stays read")
		Expect(phone.Send(socket.Read("", 2))).To(Succeed())
		Expect(desk.next("read").Data).To(HaveField("Sender", "student"))
		Expect(desk.tell("tiga")).To(BeEquivalentTo(3))
		Expect(unread(phone.session)).To(BeZero(), "one's own side is not unread")
		Expect(phone.Heard()).NotTo(ContainElement(And(HaveField("Type", "typing"), HaveField("Data.Sender", "student"))))
	})

	It("answers what it does not understand, and goes on", func() {
		p := student()
		other := enter(student())

		c := enter(p)
		for frame, code := range map[string]string{
			`{`: "VALIDATION_MALFORMED_JSON", `[]`: "VALIDATION_MALFORMED_JSON", `null`: "VALIDATION_MALFORMED_JSON", ``: "VALIDATION_MALFORMED_JSON",
			`{"type":"message"} {}`: "VALIDATION_MALFORMED_JSON", `{}`: "VALIDATION_FAILED", `{"type":7}`: "VALIDATION_FAILED",
			`{"type":"dance"}`: "CHAT_UNKNOWN_FRAME", `{"type":"ack"}`: "CHAT_UNKNOWN_FRAME", `{"type":"message","message":"x"}`: "VALIDATION_FAILED",
			`{"type":"message","client_msg_id":"","message":"x"}`:                                 "VALIDATION_FAILED",
			`{"type":"message","client_msg_id":7,"message":{}}`:                                   "VALIDATION_FAILED",
			`{"type":"message","client_msg_id":"` + strings.Repeat("n", 129) + `","message":"x"}`: "VALIDATION_FAILED",
			`{"type":"message","client_msg_id":"1","message":"x","session_id":"7"}`:               "VALIDATION_FAILED",
			`{"type":"resume"}`: "VALIDATION_FAILED", `{"type":"resume","last_seq":-1}`: "VALIDATION_FAILED", `{"type":"read","seq":"1"}`: "VALIDATION_FAILED",
			`{"type":"message","client_msg_id":"1","message":"x","session_id":"` + other.session + `"}`: "CHAT_SESSION_NOT_FOUND",
			`{"type":"resume","last_seq":0,"session_id":"` + other.session + `"}`:                       "CHAT_SESSION_NOT_FOUND",
			`{"type":"typing","session_id":"` + other.session + `"}`:                                    "CHAT_SESSION_NOT_FOUND",
			`{"type":"read","seq":1,"session_id":"` + uuid.NewString() + `"}`:                           "CHAT_SESSION_NOT_FOUND",
		} {
			c.refuses(frame, code)
		}

		Expect(c.SendRaw(2, []byte(`{"type":"typing"}`))).To(Succeed())
		Expect(c.next("error").Data.Code).To(Equal("VALIDATION_MALFORMED_JSON"), "frames are text")

		f := c.refuses(`{"type":"message","client_msg_id":null}`, "VALIDATION_FAILED")
		Expect(f.Data.Details["fields"]).To(ConsistOf(
			HaveKeyWithValue("field", "client_msg_id"), HaveKeyWithValue("field", "message")), "every bad field at once")
		Expect(c.tell("masih di sini")).To(BeEquivalentTo(1))

		desk := watch(admin(), c.session)
		desk.refuses(socket.Say("", "1", "untuk siapa?"), "VALIDATION_FAILED")

		d := door(p.Client)
		d.Header.Set("Accept-Language", "id")
		indonesian := connectBy(d, p, socket.Bearer(p.Token))
		indonesian.next("session")
		Expect(indonesian.refuses(`{"type":"dance"}`, "CHAT_UNKNOWN_FRAME").Data.Error).To(ContainSubstring("tidak"))
	})

	It("publishes every message as an event", func() {
		p := student()
		c := enter(p)
		c.tell("untuk semua")
		watch(admin(), c.session).tell("dari kami")

		for seq, sender := range []string{"student", "admin"} {
			Eventually(func() ([]cloudEvent, error) { return stream(context.Background(), "chat.message") }).Should(ContainElement(
				HaveField("Data", And(
					HaveKeyWithValue("eventType", "CHAT_MESSAGE"), HaveKeyWithValue("sessionId", c.session),
					HaveKeyWithValue("userId", p.Session.User.ID), HaveKeyWithValue("sender", sender), HaveKey("messageId"),
					HaveKey("senderId"), HaveKeyWithValue("seq", BeNumerically("==", seq+1)), HaveKey("timestamp"), Not(HaveKey("message"))))),
				fmt.Sprintf("message %d", seq+1))
		}
	})
})

// numbers returns the numbers of all frames of that type about the session, in the order of their arrival.
func (c *chatter) numbers(kind string) []int64 {
	var found []int64
	for _, f := range c.Heard() {
		if f.Type == kind && f.Data.SessionID == c.session {
			found = append(found, f.Data.Seq)
		}
	}

	return found
}

// known returns the numbers of all messages that the socket knows of.
func (c *chatter) known() []int64 { return append(c.numbers("new_message"), c.numbers("ack")...) }
