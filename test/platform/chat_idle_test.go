package platform_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/socket"
)

// fallAsleep lets half an hour and a bit pass since anything happened in a session.
func fallAsleep(session, time string) {
	GinkgoHelper()

	tag, err := platform.DB.Exec(context.Background(), `UPDATE chat.chat_sessions
		SET started_at = started_at - $2::interval, last_activity_at = last_activity_at - $2::interval WHERE id = $1`, session, time)
	Expect(err).NotTo(HaveOccurred())
	Expect(tag.RowsAffected()).To(BeEquivalentTo(1))
}

// sleeper is a student whose session fell asleep early, so that the timer has had time to see it when it is looked at.
var sleeper = sync.OnceValues(func() (*client.Person, string) {
	GinkgoHelper()

	p := student()
	c := enter(p)
	c.tell("apakah ada orang?")
	Expect(c.Leave()).To(Succeed())

	fallAsleep(c.session, "31 minutes")

	return p, c.session
})

var _ = Describe("A chat session in which nothing happens", func() {
	It("takes nothing more after thirty minutes, whether or not the timer has noticed", SpecPriority(1), func() {
		sleeper()

		p := student()
		phone := enter(p)
		phone.tell("satu")
		fallAsleep(phone.session, "29 minutes")
		Expect(phone.tell("dua")).To(BeEquivalentTo(2), "29 minutes are fine, and count from now on again")

		fallAsleep(phone.session, "31 minutes")
		phone.say("tiga")
		phone.fence()
		Expect(phone.Heard()).To(ContainElements(
			And(HaveField("Type", "error"), HaveField("Data.Code", "CHAT_SESSION_CLOSED")),
			And(HaveField("Type", "session_closed"), HaveField("Data.Reason", "idle"))))

		old := phone.session
		Expect(enter(p).session).NotTo(Equal(old))
		Expect(read[client.Page[socket.Message]](history(p, old, ""), 200).Items).To(HaveLen(2))
	})

	It("is closed by the timer", Label("slow"), SpecPriority(-2), func() {
		p, session := sleeper()
		awake := student()
		phone := enter(awake)

		var status, reason string
		Eventually(func() string {
			row := platform.DB.QueryRow(context.Background(),
				`SELECT status, coalesce(closed_reason, '') FROM chat.chat_sessions WHERE id = $1`, session)
			Expect(row.Scan(&status, &reason)).To(Succeed())

			return status
		}).WithTimeout(65 * time.Second).WithPolling(100 * time.Millisecond).Should(Equal("closed"))
		Expect(reason).To(Equal("idle"))
		Expect(read[client.Page[socket.Message]](history(p, session, ""), 200).Items).To(HaveLen(1))
		Expect(enter(p).session).NotTo(Equal(session))
		Expect(phone.tell("saya masih di sini")).To(BeEquivalentTo(1))
	})
})
