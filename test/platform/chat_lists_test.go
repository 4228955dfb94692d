package platform_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// open are the open sessions as admins see them, last activity first.
func open() []client.ChatSession {
	GinkgoHelper()

	all, err := client.Walk[client.ChatSession](admin().Client, "/api/chat/active-sessions?limit=100")
	Expect(err).NotTo(HaveOccurred())

	return all
}

// listed is an open session in the list.
func listed(session string) client.ChatSession {
	GinkgoHelper()

	all := open()
	i := slices.IndexFunc(all, func(s client.ChatSession) bool { return s.ID == session })
	Expect(i).To(BeNumerically(">=", 0), "the session is not in the list")

	return all[i]
}

func unread(session string) int {
	GinkgoHelper()
	return listed(session).Unread
}

func history(p *client.Person, session, query string) client.Answer {
	return p.Get("/api/chat/sessions/" + session + "/messages" + query)
}

var _ = Describe("The lists of the chat", func() {
	notFound := beRefused(404, "CHAT_SESSION_NOT_FOUND")

	It("show the messages of a session to its owner and to admins, in pages", func() {
		p := student()
		c := enter(p)

		desk := watch(admin(), c.session)
		for i := range 5 {
			c.tell(fmt.Sprint("pesan ", i+1))
		}

		desk.hears(1, 5)
		Expect(desk.tell("jawaban")).To(BeEquivalentTo(6))

		c.hears(6, 6)

		for _, reader := range []*client.Person{p, admin()} {
			all := read[client.Page[socket.Message]](history(reader, c.session, ""), 200)
			Expect(all.NextCursor).To(BeNil())
			Expect(all.Items).To(HaveLen(6))
			Expect(all.Items[5]).To(Equal(c.Heard()[len(c.Heard())-1].Data.Message), "what was heard is what is kept")

			seqs := func(query string) (seqs []int64) {
				pages, err := client.Walk[socket.Message](reader.Client, "/api/chat/sessions/"+c.session+"/messages"+query)
				Expect(err).NotTo(HaveOccurred())

				for _, m := range pages {
					seqs = append(seqs, m.Seq)
				}

				return seqs
			}
			Expect(seqs("?limit=4")).To(Equal(upTo(6)))
			Expect(seqs("?after_seq=2&limit=1")).To(Equal([]int64{3, 4, 5, 6}))
			Expect(seqs("?after_seq=6&limit=1")).To(BeEmpty())
		}

		for _, query := range []string{"?limit=0", "?limit=101", "?limit=viel", "?after_seq=-1", "?after_seq=x", "?cursor=x"} {
			Expect(history(p, c.session, query)).To(beRefused(400, "VALIDATION_FAILED"), query)
		}
	})

	It("hide other people's sessions, from teachers too", func() {
		var p, other, teacher *client.Person
		atOnce(func() { p = student() }, func() { other = student() }, func() { teacher = withRole("teacher") })

		mine, theirs := enter(p), enter(teacher)
		Expect(theirs.session).NotTo(Equal(mine.session))

		desk := watch(admin(), theirs.session)
		theirs.tell("saya sakit")
		Expect(desk.next("new_message").Data).To(And(HaveField("Sender", "teacher"), HaveField("SenderID", teacher.Session.User.ID)))

		mine.tell("halo")

		for _, nosy := range []*client.Person{other, teacher} {
			Expect(history(nosy, mine.session, "")).To(notFound)
			Expect(nosy.Get("/api/chat/active-sessions")).To(beRefused(403, "AUTH_FORBIDDEN"))
			Expect(nosy.Get("/api/chat/stats")).To(beRefused(403, "AUTH_FORBIDDEN"))
			Expect(nosy.Post("/api/chat/sessions/"+mine.session+"/close", nil)).To(beRefused(403, "AUTH_FORBIDDEN"))
		}

		theirs.refuses(socket.Resume(mine.session, 0), "CHAT_SESSION_NOT_FOUND")
		Expect(theirs.numbers("new_message")).To(BeEmpty())
		Expect(history(admin(), uuid.NewString(), "")).To(notFound)
		Expect(history(teacher, theirs.session, "")).To(succeed(200))
	})

	It("show open sessions by last activity, and how many there are", func() {
		people := students(3)

		var all []*chatter
		for _, p := range people {
			all = append(all, enter(p))
		}

		before := time.Now()

		for _, i := range []int{1, 2, 0} {
			all[i].tell("halo")
		}

		list := open()
		Expect(slices.IsSortedFunc(list, func(a, b client.ChatSession) int { return b.LastActivityAt.Compare(a.LastActivityAt) })).To(BeTrue())
		Expect([]string{list[0].ID, list[1].ID, list[2].ID}).To(Equal([]string{all[0].session, all[2].session, all[1].session}))
		Expect(list[0]).To(And(
			HaveField("User.ID", people[0].Session.User.ID), HaveField("User.Email", people[0].Email), HaveField("Status", "active"),
			HaveField("MessageCount", 1), HaveField("Unread", 1), HaveField("LastActivityAt", BeTemporally(">=", before.Add(-time.Second))),
			HaveField("StartedAt", BeTemporally("<=", list[0].LastActivityAt))))
		Expect(counted(admin(), "/api/chat/stats")).To(HaveValue(Equal(len(list))))

		byTwo, err := client.Walk[client.ChatSession](admin().Client, "/api/chat/active-sessions?limit=2")
		Expect(err).NotTo(HaveOccurred())
		Expect(byTwo).To(Equal(list))

		for _, limit := range []string{"0", "101", "x"} {
			Expect(admin().Get("/api/chat/active-sessions?limit="+limit)).To(beRefused(400, "VALIDATION_FAILED"), limit)
		}
	})
})

var _ = Describe("Closing a chat session", func() {
	It("tells all its sockets, keeps it readable, and the next connection makes a new one", func() {
		p := student()
		phone := enter(p)
		desk := watch(admin(), phone.session)
		phone.tell("terima kasih")
		desk.hears(1, 1)

		before := *counted(admin(), "/api/chat/stats")
		path := "/api/chat/sessions/" + phone.session + "/close"
		Expect(admin().Post(path, nil)).To(succeed(204))

		for _, c := range []*chatter{phone, desk} {
			Expect(c.next("session_closed").Data).To(And(HaveField("SessionID", phone.session), HaveField("Reason", "admin")))
		}

		Expect(counted(admin(), "/api/chat/stats")).To(HaveValue(Equal(before - 1)))
		Expect(open()).NotTo(ContainElement(HaveField("ID", phone.session)))

		phone.refuses(socket.Say("", "terlambat", "masih ada?"), "CHAT_SESSION_CLOSED")
		Expect(admin().Post(path, nil)).To(succeed(204), "closing it again is fine")

		again := enter(p)
		Expect(again.session).NotTo(Equal(phone.session))
		Expect(again.tell("baru")).To(BeEquivalentTo(1))
		desk.refuses(socket.Say(phone.session, "terlambat", "masih ada?"), "CHAT_SESSION_CLOSED")

		for _, reader := range []*client.Person{p, admin()} {
			Expect(read[client.Page[socket.Message]](history(reader, phone.session, ""), 200).Items).To(HaveLen(1))
		}

		fresh := again.session
		again.session = phone.session
		Expect(again.Send(socket.Resume(phone.session, 0))).To(Succeed())

		again.hears(1, 1)
		Expect(again.next("resumed").Data.LastSeq).To(BeEquivalentTo(1))
		again.next("session_closed")
		Expect(fresh).To(Equal(enter(p).session))
		Expect(admin().Post("/api/chat/sessions/"+uuid.NewString()+"/close", nil)).To(beRefused(404, "CHAT_SESSION_NOT_FOUND"))

		var status string

		row := platform.DB.QueryRow(context.Background(), `SELECT status FROM chat.chat_sessions WHERE id = $1`, phone.session)
		Expect(row.Scan(&status)).To(Succeed())
		Expect(status).To(Equal("closed"))
	})
})
