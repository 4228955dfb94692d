package platform_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// victims are killed one after the other, all replicas of each; the supervisor brings them back.
var victims = []string{
	"booking", "course", "booking-dapr", "redis", "auth", "course-dapr", "postgres", "user", "gateway-dapr", "gateway",
}

// most is how many bookings one person of a spec makes: fewer than one may within ten minutes.
const most = 40

// chaos lets students book, cancel and repeat their requests while parts die, and then counts.
func chaos() {
	GinkgoHelper()

	const couples = 6

	var (
		bookers []*client.Person
		l       lessons
	)
	atOnce(func() { bookers = students(couples) }, func() { l = course(2 * couples) })

	var over atomic.Bool

	made := make([][]string, couples)

	var load sync.WaitGroup
	for i, p := range bookers {
		load.Go(func() {
			defer GinkgoRecover()

			for !over.Load() && len(made[i]) < most {
				made[i] = append(made[i], insist(p, l, 2*i, 2*i+1))
			}
		})
	}

	for _, victim := range replicasOf(victims) {
		Expect(platform.Kill(victim)).To(Succeed())
		Eventually(func() client.Answer { return bookers[0].Get("/api/bookings") }).
			WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(succeed(200))
	}

	over.Store(true)
	load.Wait()
	Eventually(broken).WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(BeEmpty())

	total := 0
	for i, p := range bookers {
		total += len(made[i])
		mine, err := client.Walk[client.Booking](p.Client, "/api/bookings?limit=100")
		Expect(err).NotTo(HaveOccurred())
		Expect(mine).To(HaveLen(len(made[i])), "one booking for each key, none lost and none doubled")

		for _, id := range made[i] {
			Eventually(func() int { return len(published("booking.created", id)) }).WithTimeout(recovery).Should(BeNumerically(">=", 1))
			Eventually(func() []string { return decisions(id) }).WithTimeout(recovery).Should(ConsistOf("booking.cancelled"))
		}
	}

	AddReportEntry("bookings made and cancelled while parts were killed", total)
}

// replicasOf names all replicas of the parts, the second ones after the first ones of all.
func replicasOf(parts []string) []string {
	var first, others []string
	for _, part := range parts {
		names := platform.Replicas(part)
		first, others = append(first, names[0]), append(others, names[1:]...)
	}

	return append(first, others...)
}

// insist books and cancels, repeating each request until it is answered; it returns the booking's id. A request whose
// answer got lost is repeated with its key. A refusal is a first answer like any other, so it takes a new key to ask
// again: the slots of the booking before may still be on their way back.
func insist(p *client.Person, l lessons, i, j int) string {
	GinkgoHelper()

	k := key()
	first, second := l.pair(i, j)

	var a client.Answer
	Eventually(func() client.Answer {
		if a = p.Book(l.ID, first, second, k); a.Status == http.StatusConflict {
			k = key()
		}

		return a
	}).WithTimeout(2 * recovery).WithPolling(50 * time.Millisecond).Should(succeed(201))

	b := read[client.Booking](a, 201)
	// A cancellation whose answer was lost is answered with BOOKING_NOT_PENDING the second time.
	Eventually(func() client.Answer { return p.Cancel(b.ID) }).WithTimeout(2 * recovery).WithPolling(50 * time.Millisecond).
		Should(Or(succeed(200), beRefused(409, "BOOKING_NOT_PENDING")))

	return b.ID
}
