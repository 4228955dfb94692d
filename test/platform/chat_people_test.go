package platform_test

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// hearing is how long a frame may take on a busy machine, a refill from the database included.
const hearing = 10 * time.Second

// chatter is a person at one socket.
type chatter struct {
	*socket.Listener

	person *client.Person
	// session is the person's own, or the one that an admin looks at. Frames about others are passed over.
	session string
}

// door leads the client to the chat through the gateway, from its own address.
func door(c *client.Client) *socket.Dialer {
	return &socket.Dialer{Base: c.Base, Header: http.Header{"X-Forwarded-For": {c.Address}}}
}

// connect opens a socket with a token in the header.
func connect(p *client.Person) *chatter {
	GinkgoHelper()
	return connectBy(door(p.Client), p, socket.Bearer(p.Token))
}

// connectTo opens a socket to one replica of the chat service.
func connectTo(replica string, p *client.Person) *chatter {
	GinkgoHelper()
	return connectBy(&socket.Dialer{Base: platform.ServiceURL(replica)}, p, socket.Bearer(p.Token))
}

func connectBy(d *socket.Dialer, p *client.Person, by socket.Auth) *chatter {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), hearing)
	defer cancel()

	conn, err := d.Dial(ctx, by)
	Expect(err).NotTo(HaveOccurred())

	DeferCleanup(conn.Break)

	return &chatter{Listener: socket.Listen(conn), person: p}
}

// knock tries to open a socket and returns the answer, 101 if the caller was let in. What is refused has the headers of
// every other answer.
func knock(d *socket.Dialer, by socket.Auth) client.Answer {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), hearing)
	defer cancel()

	conn, err := d.Dial(ctx, by)
	if err == nil {
		conn.Break()
		return client.Answer{Request: "GET /api/chat/connect", Status: http.StatusSwitchingProtocols}
	}

	refused, ok := errors.AsType[*socket.RefusedError](err)
	Expect(ok).To(BeTrue(), "%v", err)
	Expect(refused.Answer.Header).To(And(HaveKey("X-Request-Id"), HaveKey("Traceparent"),
		HaveKeyWithValue("X-Content-Type-Options", []string{"nosniff"})))

	return refused.Answer
}

// enter opens a socket of a person who has a session, and reads the frame that says so.
func enter(p *client.Person) *chatter {
	GinkgoHelper()

	c := connect(p)
	c.session = c.next("session").Data.SessionID

	return c
}

// watch opens an admin's socket that looks at a session.
func watch(p *client.Person, session string) *chatter {
	GinkgoHelper()

	c := connect(p)
	c.session = session
	c.next("session")

	return c
}

// next returns the next frame about the session, which must be of that type.
func (c *chatter) next(kind string) socket.Frame {
	GinkgoHelper()

	f := c.frame()
	Expect(f.Type).To(Equal(kind), "%+v", f)

	return f
}

// frame returns the next frame about the session. Notifications come over every socket, whenever something happens.
func (c *chatter) frame() socket.Frame {
	GinkgoHelper()

	for {
		if f := c.any(); f.Type != "notification" {
			return f
		}
	}
}

// any returns the next frame about the session, or about nothing.
func (c *chatter) any() socket.Frame {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), hearing)
	defer cancel()

	for {
		f, err := c.Next(ctx)
		Expect(err).NotTo(HaveOccurred(), "no frame came")

		if c.session == "" || f.Data.SessionID == "" || f.Data.SessionID == c.session {
			return f
		}
	}
}

// say sends a message and returns its name. Admins name the session.
func (c *chatter) say(text string) string {
	GinkgoHelper()

	id := uuid.NewString()
	Expect(c.Send(socket.Say(c.named(), id, text))).To(Succeed())

	return id
}

// tell sends a message and waits for its number; everything else must have been read.
func (c *chatter) tell(text string) int64 {
	GinkgoHelper()

	id := c.say(text)
	ack := c.next("ack")
	Expect(ack.Data.ClientMsgID).To(Equal(id))

	return ack.Data.Seq
}

// named is the session as a frame needs it.
func (c *chatter) named() string {
	if c.person.Session.User.Role == "admin" {
		return c.session
	}

	return ""
}

// refuses sends a frame that must be refused with this code, and returns the refusal.
func (c *chatter) refuses(frame any, code string) socket.Frame {
	GinkgoHelper()
	Expect(c.Send(frame)).To(Succeed())

	f := c.next("error")
	Expect(f.Data.Code).To(Equal(code), "%v: %+v", frame, f)
	Expect(f.Data.Error).To(ContainSubstring(" "), "a sentence")

	return f
}

// hears reads new messages with exactly these numbers.
func (c *chatter) hears(from, to int64) {
	GinkgoHelper()

	for seq := from; seq <= to; seq++ {
		Expect(c.next("new_message").Data.Seq).To(Equal(seq))
	}
}

// fence makes sure that everything which was sent to the socket before has arrived.
func (c *chatter) fence() {
	GinkgoHelper()
	Expect(c.Send(`{"type":"fence"}`)).To(Succeed())

	for c.frame().Data.Code != "CHAT_UNKNOWN_FRAME" {
	}
}

// closes waits for the end of the connection and returns the reason.
func (c *chatter) closes(code int) string {
	GinkgoHelper()
	Eventually(c.Ended()).WithTimeout(hearing).Should(BeClosed())
	got, reason := c.CloseCode()
	Expect(got).To(Equal(code), reason)

	return reason
}

// conversation is what the database has of a session.
type conversation struct {
	seqs  []int64
	names []string
}

func conversationOf(session string) conversation {
	GinkgoHelper()

	var c conversation

	row := platform.DB.QueryRow(context.Background(), `SELECT coalesce(array_agg(seq ORDER BY seq), '{}'),
		coalesce(array_agg(client_msg_id ORDER BY seq), '{}') FROM chat.chat_messages WHERE session_id = $1`, session)
	Expect(row.Scan(&c.seqs, &c.names)).To(Succeed())

	return c
}

// upTo is 1, 2, 3 … n.
func upTo(n int) []int64 {
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = int64(i + 1)
	}

	return numbers
}
