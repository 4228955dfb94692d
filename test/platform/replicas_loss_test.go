package platform_test

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

// services are what the gateways call.
var services = []string{"auth", "user", "course", "booking", "recommendation"}

var _ = Describe("One of two", Serial, SpecPriority(-1), acrossReplicas, func() {
	BeforeEach(onlyWithTwo)

	It("is enough: nobody notices that the others of all services have been taken away", func() {
		h := newHousehold()
		for _, name := range services {
			away(name + "-2")
		}
		everythingWorks(h)
		for range 10 {
			for _, a := range []ask{signIn, me, browse, people, mine, book} {
				Expect(a.send(h)).To(a.matcher(false), a.name)
			}
			Expect(h.student.Post("/api/recommendations/generate", nil)).To(succeed(200))
			Expect(elsewhere(h.student.Client).Get("/api/users/me")).To(succeed(200))
		}
		first, second := h.lessons.pairIDs(0, 1), h.lessons.pairIDs(2, 3)
		Expect(h.admin.Confirm(h.booking.ID, first[0])).To(succeed(200))
		Expect(h.student.Book(h.lessons.ID, second[0], second[1])).To(succeed(201))
	})

	It("may be restarted after the other, while students book: each key gets its one booking", func() {
		const couples = 4
		people, l := students(couples), course(2*couples)
		var over atomic.Bool
		var load sync.WaitGroup
		made := make([][]string, couples)
		for i, p := range people {
			load.Go(func() {
				defer GinkgoRecover()
				here := client.Person{Client: atBoth(p.Client)[i%2], Session: p.Session}
				for !over.Load() {
					made[i] = append(made[i], insist(&here, l, 2*i, 2*i+1))
				}
			})
		}
		for _, name := range []string{"booking", "booking-2", "course", "course-2", secondGateway} {
			Expect(platform.Platform.Restart(context.Background(), name)).To(Succeed())
		}
		over.Store(true)
		load.Wait()
		settled()
		for i, p := range people {
			mine, err := walk[client.Booking](p.Client, "/api/bookings?limit=100")
			Expect(err).NotTo(HaveOccurred())
			Expect(mine).To(HaveLen(len(made[i])), "none lost and none doubled")
		}
	})
})

// away takes one replica out as a rolling update does: first nobody is sent to it any more, then it ends. It is back
// after the spec.
func away(replica string) {
	GinkgoHelper()
	for _, part := range []string{replica + "-dapr", replica} {
		Expect(platform.Platform.Stop(part)).To(Succeed())
	}
	DeferCleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		for _, part := range []string{replica + "-dapr", replica} {
			Expect(platform.Platform.Start(ctx, part)).To(Succeed())
		}
	})
}
