package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// listening opens a WebSocket through the ingress and collects what comes.
func listening(ctx context.Context, auth socket.Auth) *socket.Listener {
	GinkgoHelper()

	conn, err := dialer().Dial(ctx, auth)
	Expect(err).NotTo(HaveOccurred())

	DeferCleanup(conn.Break)

	return socket.Listen(conn)
}

// heardFrame waits for a frame of that type, in that session unless that is empty, and leaves out others.
func heardFrame(ctx context.Context, l *socket.Listener, kind, session string) socket.Data {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()

	for {
		frame, err := l.Next(ctx)
		Expect(err).NotTo(HaveOccurred(), "waiting for "+kind)

		if frame.Type == kind && (session == "" || frame.Data.SessionID == session) {
			return frame.Data
		}
	}
}

var _ = Describe("Chat", func() {
	It("connects a student and an admin through the ingress", func(ctx SpecContext) {
		p := student()

		type ticket struct{ Ticket string }

		mine := listening(ctx, socket.Ticket(read[ticket](p.Post("/api/chat/ticket", nil), 200).Ticket))
		session := heardFrame(ctx, mine, "session", "").SessionID
		desk := listening(ctx, socket.Bearer(admin().Session.AccessToken))
		heardFrame(ctx, desk, "session", session)

		Expect(mine.Send(socket.Say("", "tanya", "Apakah ada les biola?"))).To(Succeed())
		Expect(heardFrame(ctx, mine, "ack", session).Seq).To(Equal(int64(1)))
		Expect(heardFrame(ctx, desk, "new_message", session).Text).To(Equal("Apakah ada les biola?"))
		Expect(desk.Send(socket.Say(session, "jawab", "Ada, hari Senin."))).To(Succeed())
		Expect(heardFrame(ctx, mine, "new_message", session)).To(And(HaveField("Message.Seq", int64(2)), HaveField("Message.Sender", "admin")))

		By("coming back after the network has failed")
		mine.Break()
		Expect(desk.Send(socket.Say(session, "lagi", "Jam empat sore."))).To(Succeed())

		heardFrame(ctx, desk, "ack", session)
		back := listening(ctx, socket.Bearer(p.Session.AccessToken))
		heardFrame(ctx, back, "session", session)
		Expect(back.Send(socket.Resume(session, 2))).To(Succeed())
		Expect(heardFrame(ctx, back, "new_message", session).Text).To(Equal("Jam empat sore."))
		Expect(history(p, session)).To(HaveLen(3))
	})

	It("refuses at the handshake who may not connect", func(ctx SpecContext) {
		for _, auth := range []socket.Auth{nil, socket.Bearer("no.such.token"), socket.Ticket("guess"), socket.Token("guess")} {
			_, err := dialer().Dial(ctx, auth)
			refused, ok := errors.AsType[*socket.RefusedError](err)
			Expect(ok).To(BeTrue(), "%v", err)
			Expect(refused.Answer.Status).To(Equal(401))
		}
	})
})

// history reads all messages of a session.
func history(p *client.Person, session string) []socket.Message {
	GinkgoHelper()

	var all []socket.Message
	for {
		var after int64
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}

		page := read[client.Page[socket.Message]](p.Get(fmt.Sprintf("/api/chat/sessions/%s/messages?limit=100&after_seq=%d", session, after)), 200)
		if len(page.Items) == 0 {
			return all
		}

		all = append(all, page.Items...)
	}
}
