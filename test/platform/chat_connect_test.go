package platform_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

func ticket(p *client.Person) string {
	GinkgoHelper()

	t := read[struct {
		Ticket    string `json:"ticket"`
		ExpiresIn int    `json:"expires_in"`
	}](p.Post("/api/chat/ticket", nil), 200)
	Expect(t.ExpiresIn).To(Equal(30))
	Expect(len(t.Ticket)).To(BeNumerically(">", 20))

	return t.Ticket
}

// ageTickets lets time pass for the person's tickets.
func ageTickets(p *client.Person, by time.Duration) {
	GinkgoHelper()

	tag, err := platform.DB.Exec(context.Background(),
		`UPDATE chat.tickets SET expires_at = expires_at - $2::interval WHERE user_id = $1`, p.Session.User.ID, by)
	Expect(err).NotTo(HaveOccurred())
	Expect(tag.RowsAffected()).To(BeEquivalentTo(1))
}

// logsWith returns the logs that have a text in them.
func logsWith(text string) []string {
	GinkgoHelper()

	files, err := filepath.Glob(filepath.Join(filepath.Dir(platform.Log("gateway")), "*"))
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(ContainElement(platform.Log("chat")))

	var found []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())

		if strings.Contains(string(content), text) {
			found = append(found, file)
		}
	}

	return found
}

var _ = Describe("Connecting to the chat", func() {
	It("takes the token in the header, in the query or as a ticket, and no log shows it", func() {
		p := student()
		used := ticket(p)

		var session string
		for way, by := range map[string]socket.Auth{
			"header": socket.Bearer(p.Token), "query": socket.Token(p.Token), "ticket": socket.Ticket(used),
		} {
			c := connectBy(door(p.Client), p, by)
			f := c.next("session")
			Expect(f.Data).To(And(HaveField("LastSeq", int64(0)), HaveField("Status", "active")), way)

			if session == "" {
				session = f.Data.SessionID
			}

			Expect(f.Data.SessionID).To(Equal(session), way)
			Expect(c.Leave()).To(Succeed())
		}

		signature := p.Token[strings.LastIndex(p.Token, ".")+1:]
		Expect(knock(door(p.Client), socket.Token("x"+p.Token))).To(invalid)
		Expect(p.Get("/api/chat/connect?token="+p.Token, client.Header("Authorization", ""))).
			To(beRefused(426, "CHAT_UPGRADE_REQUIRED"))
		Eventually(func() []string { return logsWith(p.Get("/api/users/me").Header.Get("X-Request-Id")) }).
			ShouldNot(BeEmpty(), "the logs are up to date")
		Expect(logsWith(signature)).To(BeEmpty())
		Expect(logsWith(used)).To(BeEmpty())
	})

	It("takes a ticket once, and for thirty seconds", func() {
		p := student()
		once := ticket(p)
		Expect(p.Get("/api/chat/connect?ticket="+once, client.Header("Authorization", ""))).
			To(beRefused(426, "CHAT_UPGRADE_REQUIRED"), "which does not use it up")

		entered := together(8, func(int) bool {
			conn, err := door(p.Client).Dial(context.Background(), socket.Ticket(once))
			if err == nil {
				conn.Break()
			}

			return err == nil
		})
		Expect(entered).To(ConsistOf(true, false, false, false, false, false, false, false))
		Expect(knock(door(p.Client), socket.Ticket(once))).To(invalid)

		fresh := ticket(p)
		ageTickets(p, 25*time.Second)
		connectBy(door(p.Client), p, socket.Ticket(fresh)).next("session")
		old := ticket(p)
		ageTickets(p, 31*time.Second)
		Expect(knock(door(p.Client), socket.Ticket(old))).To(invalid)
		Expect(stranger().Post("/api/chat/ticket", nil)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
	})

	It("refuses strangers, old tokens and ended sessions with an HTTP answer", func() {
		p := student()
		d := door(p.Client)
		Expect(knock(d, nil)).To(beRefused(401, "AUTH_MISSING_TOKEN"))
		Expect(knock(d, socket.Bearer("no.such.token"))).To(invalid)
		Expect(knock(d, socket.Token("no.such.token"))).To(invalid)
		Expect(knock(d, socket.Ticket("no-such-ticket"))).To(invalid)

		old := madeAt(p, time.Now().Add(-16*time.Minute))
		for _, by := range []socket.Auth{socket.Bearer(old), socket.Token(old)} {
			Expect(knock(d, by)).To(beRefused(401, "AUTH_TOKEN_EXPIRED"))
		}

		Expect(p.Get("/api/chat/connect")).To(beRefused(426, "CHAT_UPGRADE_REQUIRED"))

		left := ticket(p)
		Expect(p.Logout(p.Session.RefreshToken)).To(succeed(204))

		refusedWithinASecond(p.Client)
		Eventually(func() client.Answer { return knock(d, socket.Bearer(p.Token)) }).WithTimeout(time.Second).Should(invalid)
		Expect(knock(d, socket.Ticket(left))).To(invalid)
	})

	It("lets only those web pages in that are on the list", func() {
		p := student()

		d := door(p.Client)
		for origin, allowed := range map[string]bool{
			"http://localhost:5173": true, "http://127.0.0.1:5173": true,
			"http://localhost:5174": false, "https://evil.example": false, "null": false, "http://localhost:5173.evil.example": false,
		} {
			d.Header.Set("Origin", origin)

			if allowed {
				connectBy(d, p, socket.Ticket(ticket(p))).next("session")
				continue
			}

			Expect(knock(d, socket.Bearer(p.Token))).To(beRefused(403, "AUTH_FORBIDDEN"), origin)
		}
	})

	It("makes one session for a student, on the first connection", func() {
		p := student()
		sessions := func() (n int) {
			row := platform.DB.QueryRow(context.Background(), `SELECT count(*) FROM chat.chat_sessions WHERE user_id = $1`, p.Session.User.ID)
			Expect(row.Scan(&n)).To(Succeed())

			return n
		}

		ticket(p)
		Expect(sessions()).To(BeZero())

		ids := together(8, func(int) string { return enter(p).session })
		Expect(ids).To(HaveEach(ids[0]))
		Expect(sessions()).To(Equal(1))
	})

	It("tells an admin of every open session, each once", func() {
		for _, p := range students(3) {
			enter(p)
		}

		var open []string

		row := platform.DB.QueryRow(context.Background(), `SELECT array_agg(id::text) FROM chat.chat_sessions WHERE status = 'active'`)
		Expect(row.Scan(&open)).To(Succeed())

		c := connect(admin())
		c.fence()

		var told []string
		for _, f := range c.Heard() {
			if f.Type == "session" {
				Expect(f.Data.Status).To(Equal("active"))

				told = append(told, f.Data.SessionID)
			}
		}

		Expect(told).To(ConsistOf(open))
	})
})
