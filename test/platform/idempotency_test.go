package platform_test

import (
	"strings"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/test/internal/client"
)

func key() client.Option { return client.Header("Idempotency-Key", uuid.NewString()) }

var _ = Describe("Idempotency-Key", Ordered, acrossReplicas, func() {
	var l lessons
	BeforeAll(func() { l = course(8) })

	It("gives the first answer again, also after the booking has moved on", func() {
		p, k := student(), key()
		first, second := l.pair(0, 1)
		a := p.Book(l.ID, first, second, k)
		b := read[client.Booking](a, 201)
		same := p.Book(l.ID, first, second, k)
		Expect(same).To(succeed(201))
		Expect(same.Body).To(MatchJSON(a.Body))
		Expect(p.Cancel(b.ID)).To(succeed(200))
		Expect(p.Book(l.ID, first, second, k).Body).To(MatchJSON(a.Body))
		Expect(statuses(first, second)).To(HaveEach("available"))
		Expect(p.Book(l.ID, second, first, k)).To(beRefused(422, "VALIDATION_IDEMPOTENCY_MISMATCH"))
	})

	It("gives a refusal again", func() {
		p, q, k := student(), student(), key()
		first, second := l.pair(0, 1)
		b := booked(q, l, 0, 1)
		Expect(p.Book(l.ID, first, second, k)).To(beRefused(409, "BOOKING_INVALID_SLOTS"))
		Expect(q.Cancel(b.ID)).To(succeed(200))
		Expect(p.Book(l.ID, first, second, k)).To(beRefused(409, "BOOKING_INVALID_SLOTS"), "the first answer")
		Expect(p.Book(l.ID, first, second, key())).To(succeed(201))
	})

	It("is per user", func() {
		p, q, k := student(), student(), key()
		a := read[client.Booking](p.Book(l.ID, l.Slots[2].ID, l.Slots[3].ID, k), 201)
		b := read[client.Booking](q.Book(l.ID, l.Slots[4].ID, l.Slots[5].ID, k), 201)
		Expect(a.ID).NotTo(Equal(b.ID))
	})

	It("gives twenty parallel calls one booking and one answer", func() {
		p, k := student(), key()
		first, second := l.pair(6, 7)
		answers := together(20, func(int) client.Answer { return p.Book(l.ID, first, second, k) })

		ids := map[string]bool{}
		for _, a := range answers {
			ids[read[client.Booking](a, 201).ID] = true
		}

		Expect(ids).To(HaveLen(1))
	})

	It("refuses a key that is none", func() {
		p := student()
		first, second := l.pair(0, 1)
		a := p.Book(l.ID, first, second, client.Header("Idempotency-Key", strings.Repeat("k", 256)))
		Expect(a).To(beRefused(400, "VALIDATION_FAILED"))
		Expect(a.Fields()).To(HaveKey("Idempotency-Key"))
	})
})
