package platform_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"
	kube "sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/shema-music/shema/operator/api/v1alpha1"
	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
)

// eager keeps a list of free slots hot by asking for it all the time, until stopped.
func eager(course string, base ...string) (stop func()) {
	c := stranger()
	if len(base) > 0 {
		c.Base = base[0]
	}

	done := make(chan struct{})

	ended := make(chan struct{})
	go func() {
		defer close(ended)

		for asked := 0; ; asked++ {
			select {
			case <-done:
				return
			default:
			}

			if asked%100 == 0 { // below what one address may ask
				c.Address = stranger().Address
			}

			c.Get("/api/schedules/available?limit=100&course_id=" + course)
		}
	}()

	return func() { close(done); <-ended }
}

// cache is the Redis of the cache, which has the password of the other one.
func cache() *redis.Client {
	GinkgoHelper()

	options := *platform.Redis.Options()

	for port, part := range platform.Ports() {
		if part == "redis-cache" {
			options.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		}
	}

	c := redis.NewClient(&options)
	Expect(c.Ping(context.Background()).Err()).To(Succeed())
	DeferCleanup(func() { Expect(c.Close()).To(Succeed()) })

	return c
}

var _ = Describe("The list of free slots", acrossReplicas, func() {
	It("is never more than a second behind a booking, though visitors keep reading it", func() {
		p, l, c := student(), course(6), stranger()
		defer eager(l.ID)()

		free := func() int {
			slots, err := client.Available(c, l.ID)
			Expect(err).NotTo(HaveOccurred())

			return len(slots)
		}
		other := stranger()

		other.Base = platform.ServiceURL("gateway-2")
		defer eager(l.ID, other.Base)()

		elsewhere := func() ([]client.Slot, error) { return client.Available(other, l.ID) }
		for range 3 {
			b := booked(p, l, 0, 1)

			Expect(free()).To(Equal(4), "the answer and the list agree at once")
			Eventually(elsewhere).WithTimeout(time.Second).WithPolling(20*time.Millisecond).Should(HaveLen(4), "on another replica")
			Expect(p.Cancel(b.ID)).To(succeed(200))
			Expect(free()).To(Equal(6))
			Eventually(elsewhere).WithTimeout(time.Second).WithPolling(20 * time.Millisecond).Should(HaveLen(6))
		}
	})

	It("is never more than a second behind a change that no gateway made", func() {
		l, c := course(4), stranger()
		defer eager(l.ID)()

		_, err := platform.DB.Exec(context.Background(), `UPDATE course.schedules SET status = 'reserved',
			booking_id = '00000000-0000-7000-8000-000000000000' WHERE id = $1`, l.Slots[0].ID)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() ([]client.Slot, error) { return client.Available(c, l.ID) }).
			WithTimeout(time.Second).WithPolling(20 * time.Millisecond).Should(HaveLen(3))

		_, err = platform.DB.Exec(context.Background(),
			`UPDATE course.schedules SET status = 'available', booking_id = NULL WHERE id = $1`, l.Slots[0].ID)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() ([]client.Slot, error) { return client.Available(c, l.ID) }).
			WithTimeout(time.Second).WithPolling(20 * time.Millisecond).Should(HaveLen(4))
	})

	It("follows the catalogue within two seconds: more slots, fewer slots, hidden, shown again", func() {
		l, c := course(3), stranger()
		defer eager(l.ID)()

		ctx := context.Background()
		slots := func() ([]client.Slot, error) { return client.Available(c, l.ID) }
		follow := func(count int) {
			GinkgoHelper()
			Eventually(slots).WithTimeout(2 * time.Second).WithPolling(20 * time.Millisecond).Should(HaveLen(count))
		}
		edit := func(change func(*v1alpha1.Schedule)) {
			GinkgoHelper()
			Expect(catalogue.Edit(ctx, platform.Catalogue, l.Name, &v1alpha1.Schedule{}, change)).To(Succeed())
		}
		more := catalogue.Schedule("x", l.Name, l.Slots[2].EndsAt, 2).Spec.Slots
		edit(func(s *v1alpha1.Schedule) { s.Spec.Slots = append(s.Spec.Slots, more...) })
		follow(5)
		edit(func(s *v1alpha1.Schedule) { s.Spec.Slots = s.Spec.Slots[:2] })
		follow(2)

		now, err := slots()
		Expect(err).NotTo(HaveOccurred())
		Expect(now).To(Equal(l.Slots[:2]), "slots that stay keep their ids")

		publish := func(published bool) {
			GinkgoHelper()
			Expect(catalogue.Edit(ctx, platform.Catalogue, l.Name, &v1alpha1.Course{},
				func(c *v1alpha1.Course) { c.Spec.Published = &published })).To(Succeed())
		}
		publish(false)
		Eventually(func() client.Answer { return c.Get("/api/courses/" + l.Name) }).WithTimeout(2 * time.Second).
			WithPolling(20 * time.Millisecond).Should(beRefused(404, "COURSE_NOT_FOUND"))

		publish(true)
		follow(2)
	})

	It("offers no slot again that was withdrawn while a booking held it", func() {
		p, l := student(), course(4)
		b, ctx := booked(p, l, 0, 1), context.Background()
		suspend := func(on bool) {
			GinkgoHelper()
			Expect(catalogue.Edit(ctx, platform.Catalogue, l.Name, &v1alpha1.Schedule{}, func(s *v1alpha1.Schedule) { s.Spec.Suspend = on })).
				To(Succeed())
		}
		offered := func() ([]client.Slot, error) { return client.Available(stranger(), l.ID) }

		suspend(true)
		Eventually(offered).WithTimeout(2 * time.Second).Should(BeEmpty())
		Expect(p.Cancel(b.ID)).To(succeed(200))
		Consistently(offered).WithTimeout(2 * time.Second).WithPolling(20 * time.Millisecond).Should(BeEmpty())
		Expect(p.Book(l.ID, l.Slots[0].ID, l.Slots[1].ID)).To(beRefused(409, "BOOKING_INVALID_SLOTS"))

		suspend(false)
		Eventually(offered).WithTimeout(2 * time.Second).Should(HaveLen(4))
	})

	It("fills the cache with few values, whatever visitors ask", func() {
		l, ctx := course(3), context.Background()
		kept := cache()
		before := kept.DBSize(ctx).Val()

		for i := range 300 {
			limit, from := 1+i%100, time.Now().Add(time.Duration(i)*time.Second).UTC().Format(time.RFC3339)
			Expect(stranger().Get(fmt.Sprintf("/api/schedules/available?course_id=%s&limit=%d", l.ID, limit))).To(succeed(200))
			Expect(stranger().Get(fmt.Sprintf("/api/schedules/available?limit=%d&from=%s", limit, from))).To(succeed(200))
			Expect(stranger().Get(fmt.Sprintf("/api/courses?limit=%d&q=%d", limit, i))).To(succeed(200))
		}

		asked := kept.DBSize(ctx).Val()
		Expect(asked-before).To(BeNumerically("<", 10), "values after 900 questions")

		Expect(student().Book(l.ID, l.Slots[0].ID, l.Slots[1].ID)).To(succeed(201))
		Expect(stranger().Get("/api/schedules/available?course_id=" + l.ID)).To(succeed(200))
		Expect(kept.DBSize(ctx).Val()).To(BeNumerically("<=", asked+1), "and none for each state of the catalogue")
	})

	It("shows nothing of a time that is lost with a restored backup", func() {
		l, ctx := course(3), context.Background()
		offered := func() ([]client.Slot, error) { return client.Available(stranger(), l.ID) }

		var (
			version int64
			state   string
		)

		Expect(platform.DB.QueryRow(ctx, `SELECT version, state::text FROM course.catalog_version`).Scan(&version, &state)).To(Succeed())

		held := func(slot string, status any, booking any) {
			GinkgoHelper()

			_, err := platform.DB.Exec(ctx, `UPDATE course.schedules SET status = $2, booking_id = $3 WHERE id = $1`, slot, status, booking)
			Expect(err).NotTo(HaveOccurred())
		}
		nobody := "00000000-0000-7000-8000-000000000000"
		held(l.Slots[0].ID, "reserved", nobody)
		Eventually(offered).WithTimeout(2*time.Second).Should(HaveLen(2), "which is kept in the cache")

		// As a backup of before: the slot is free, the count is what it was, and goes on with something else.
		held(l.Slots[0].ID, "available", nil)

		_, err := platform.DB.Exec(ctx, `UPDATE course.catalog_version SET version = $1, state = $2`, version, state)
		Expect(err).NotTo(HaveOccurred())
		held(l.Slots[2].ID, "reserved", nobody)
		Eventually(offered).WithTimeout(2 * time.Second).Should(HaveExactElements(HaveField("ID", l.Slots[0].ID), HaveField("ID", l.Slots[1].ID)))
		held(l.Slots[2].ID, "available", nil)
	})

	It("leaves a slot that a booking holds alone when its schedule is deleted", func() {
		p, l := student(), course(3)
		b := booked(p, l, 0, 1)
		ctx := context.Background()
		schedule := &v1alpha1.Schedule{}
		schedule.Name, schedule.Namespace = l.Name, catalogue.Namespace
		Expect(platform.Catalogue.Delete(ctx, schedule)).To(Succeed())
		Eventually(func() string {
			return kubectl("", "get", "schedule", l.Name, "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].reason}`)
		}).WithTimeout(5 * time.Second).WithPolling(200 * time.Millisecond).Should(Equal("SlotsInUse"))
		Expect(statuses(b.FirstChoiceSlotID, b.SecondChoiceSlotID)).To(HaveEach("reserved"))
		Expect(client.Available(stranger(), l.ID)).To(BeEmpty())
		Expect(p.Cancel(b.ID)).To(succeed(200))
		Consistently(func() ([]client.Slot, error) { return client.Available(stranger(), l.ID) }).
			WithTimeout(2*time.Second).WithPolling(20*time.Millisecond).Should(BeEmpty(), "they are not offered again")
		Eventually(func() error {
			return platform.Catalogue.Get(ctx, kube.ObjectKeyFromObject(schedule), schedule)
		}).WithTimeout(10 * time.Second).WithPolling(100 * time.Millisecond).ShouldNot(Succeed())
	})
})
