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
	var h household
	BeforeEach(func() {
		onlyWithTwo()

		h = newHousehold()
		DeferCleanup(func() { everythingWorks(h) })
	})

	It("is enough: no caller notices that the others of all services have been taken away", func() {
		defer together(len(services), func(i int) struct{} {
			back(services[i] + "-2")
			return struct{}{}
		})

		for _, name := range services {
			away(name + "-2")
		}

		everythingWorks(h)

		for range 10 {
			for _, a := range []ask{signIn, me, browse, listUsers, mine, book} {
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

		var (
			over atomic.Bool
			load sync.WaitGroup
		)

		made := make([][]string, couples)
		for i, p := range people {
			load.Go(func() {
				defer GinkgoRecover()

				here := client.Person{Client: atBoth(p.Client)[i%2], Session: p.Session}
				for !over.Load() && len(made[i]) < most {
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
			mine, err := client.Walk[client.Booking](p.Client, "/api/bookings?limit=100")
			Expect(err).NotTo(HaveOccurred())
			Expect(mine).To(HaveLen(len(made[i])), "none lost and none doubled")
		}
	})

	It("may hang: some callers wait for it, none longer than five seconds, and none gets a wrong answer", func() {
		asked := []ask{me, browse, listUsers, mine, book}

		for _, replica := range []string{"user-2", "course-2", "booking-2"} {
			Expect(platform.Platform.Pause(replica)).To(Succeed())

			DeferCleanup(platform.Platform.Resume, replica)
		}

		good := 0
		for range 3 {
			answers := together(4*len(asked), func(i int) client.Answer { return asked[i%len(asked)].send(h) })
			for i, a := range answers {
				wanted := asked[i%len(asked)].matcher(false)
				Expect(a).To(Or(wanted, beUnavailable()), asked[i%len(asked)].name)

				if ok, _ := wanted.Match(a); ok {
					good++
				}
			}
		}

		Expect(good).To(BeNumerically(">", 0), "the other of two answers")

		for _, replica := range []string{"user-2", "course-2", "booking-2"} {
			Expect(platform.Platform.Resume(replica)).To(Succeed())
		}

		everythingWorks(h)
	})

	It("may die while it tells people: each of them is told once", func() {
		const couples = 8

		people, l, judge := students(couples), course(2*couples), admin()

		bookings := together(couples, func(i int) client.Booking { return booked(people[i], l, 2*i, 2*i+1) })
		for i, b := range bookings {
			Expect(judge.Reject(b.ID, "penuh")).To(succeed(200))

			if i%3 == 0 {
				Expect(platform.Kill(platform.Replicas("user")[i%2])).To(Succeed())
			}
		}

		for i, b := range bookings {
			Eventually(func(g Gomega) {
				found, err := client.Walk[client.Notification](people[i].Client, "/api/users/me/notifications?limit=100")
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(found).To(ContainElement(And(HaveField("Type", "booking_rejected"), HaveField("Data", HaveKeyWithValue("booking_id", b.ID)))))
			}).WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(Succeed())
			Eventually(func() []client.Mail { return mails(people[i]) }).WithTimeout(recovery).ShouldNot(BeEmpty())
		}

		settled()
		consumed("booking.rejected")

		for i, b := range bookings {
			Expect(toldAs(people[i], b.ID, "booking_rejected")).To(HaveLen(1))
		}
	})
})

// away takes one replica out as a rolling update does: first no caller is sent to it any more, then it ends.
func away(replica string) {
	GinkgoHelper()

	for _, part := range []string{replica + "-dapr", replica} {
		Expect(platform.Platform.Stop(part)).To(Succeed())
	}
}

// back starts what was taken away.
func back(replica string) {
	GinkgoHelper()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	for _, part := range []string{replica + "-dapr", replica} {
		Expect(platform.Platform.Start(ctx, part)).To(Succeed())
	}
}
