package platform_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/test/internal/client"
)

var _ = Describe("Two booking services", Serial, acrossReplicas, func() {
	BeforeEach(onlyWithTwo)

	It("sweep at the same moment, and end each overdue booking once: one event, one notification, one mail", func() {
		const couples = 12

		people, l := students(couples), course(2*couples)

		const expired = "Pemesanan Anda kedaluwarsa: "

		bookings := make([]string, couples)
		for i, p := range people {
			bookings[i] = booked(p, l, 2*i, 2*i+1).ID
		}

		overdueNow(bookings...)

		const route = "/dapr/bindings/booking-expiry-sweep"

		replicas, before := platform.Replicas("booking"), taking("booking", route)
		fromTimer := client.Header("dapr-api-token", platform.Secrets().AppTokens[apps.Booking])
		swept := together(4*len(replicas), func(i int) client.Answer {
			c := client.New(platform.ServiceURL(replicas[i%len(replicas)]), "", transport)
			return c.Do("POST", route, client.Raw("{}"), fromTimer)
		})
		Expect(swept).To(HaveEach(succeed(200)))

		shared(before, taking("booking", route))

		Expect(statuses(l.slotIDs()...)).To(HaveEach("available"))

		for i, id := range bookings {
			b := read[client.Booking](people[i].Booking(id), 200)
			Expect([]any{b.Status, *b.StatusReason}).To(Equal([]any{"rejected", "expired"}))
			Eventually(func() []string { return decisions(id) }).Should(ConsistOf("booking.expired"))

			eventually(func() []client.Notification { return toldAs(people[i], id, "booking_expired") }).Should(HaveLen(1))
			eventually(func() []string { return subjects(people[i]) }).Should(ContainElement(HavePrefix(expired)))
		}

		settled()
		consumed("booking.expired")

		for i, id := range bookings {
			Expect(decisions(id)).To(ConsistOf("booking.expired"))
			Expect(toldAs(people[i], id, "booking_expired")).To(HaveLen(1))

			heard := slices.DeleteFunc(subjects(people[i]), func(subject string) bool { return !strings.HasPrefix(subject, expired) })
			Expect(heard).To(HaveLen(1))
		}
	})

	It("are both called by the timer", func() {
		const route = "/dapr/bindings/booking-expiry-sweep"

		before := taking("booking", route)
		Eventually(func(g Gomega) {
			for replica, count := range taking("booking", route) {
				g.Expect(count).To(BeNumerically(">", before[replica]), replica)
			}
		}).WithTimeout(65 * time.Second).WithPolling(500 * time.Millisecond).Should(Succeed())
	})

	DescribeTable("give parallel calls with one key through both gateways one booking, though one of them dies", func(point string) {
		const calls = 12

		p, l, k := student(), course(2), key()
		first, second := l.pair(0, 1)
		both, before := atBoth(p.Client), processes("booking")

		Expect(platform.Fault(point)).To(Succeed())

		answers := together(calls, func(i int) client.Answer {
			var a client.Answer
			Eventually(func() client.Answer {
				a = both[i%2].Book(l.ID, first, second, k)
				return a
			}).WithTimeout(recovery).WithPolling(50 * time.Millisecond).Should(succeed(201))

			return a
		})

		Expect(platform.FaultHit()).To(BeTrue(), "a process died at "+point)

		replaced("booking", before)

		for _, a := range answers {
			Expect(a.Body).To(MatchJSON(answers[0].Body))
		}

		b := read[client.Booking](answers[0], 201)
		theEvent("booking.created", b.ID)

		for _, c := range both {
			mine := read[client.Page[client.Booking]](c.Get("/api/bookings"), 200).Items
			Expect(mine).To(ConsistOf(HaveField("ID", b.ID)))
		}

		Expect(statuses(first, second)).To(HaveEach("reserved"))
		Expect(p.Book(l.ID, second, first, k)).To(beRefused(422, "VALIDATION_IDEMPOTENCY_MISMATCH"))
	}, Entry(nil, "booking.held"), Entry(nil, "booking.reserved"), Entry(nil, "booking.pending"))

	It("share the work, and give one key one booking, whichever of them is asked through whichever gateway", func() {
		const rounds = 6

		l := course(2 * rounds)
		people, before := students(rounds), taking("booking", "/api/bookings/create")
		together(rounds, func(r int) struct{} {
			k := key()
			both := atBoth(people[r].Client)
			first, second := l.pair(2*r, 2*r+1)
			answers := together(8, func(i int) client.Answer { return both[i%2].Book(l.ID, first, second, k) })

			ids := map[string]bool{}
			for _, a := range answers {
				ids[read[client.Booking](a, 201).ID] = true
			}

			Expect(ids).To(HaveLen(1), fmt.Sprint(ids))

			return struct{}{}
		})
		shared(before, taking("booking", "/api/bookings/create"))
	})

	It("decide once, when both gateways bring decisions at the same moment", func() {
		const rounds = 6

		l, people := course(2*rounds), students(rounds)
		judge := atBoth(admin().Client)
		bookings := together(rounds, func(i int) client.Booking { return booked(people[i], l, 2*i, 2*i+1) })

		answers := together(4*rounds, func(i int) client.Answer {
			b, student := bookings[i/4], atBoth(people[i/4].Client)
			switch i % 4 {
			case 0:
				return judge[0].Confirm(b.ID, b.FirstChoiceSlotID)
			case 1:
				return judge[1].Confirm(b.ID, b.SecondChoiceSlotID)
			case 2:
				return judge[1].Reject(b.ID, "")
			default:
				return student[0].Cancel(b.ID)
			}
		})
		for i, b := range bookings {
			round := answers[4*i : 4*i+4]
			outcomes := outcomesOf(round)
			Eventually(func() []string { return decisions(b.ID) }).Should(ConsistOf(outcomes))
		}
	})
})
