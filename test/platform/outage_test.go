package platform_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/shema-music/shema/test/internal/catalogue"
	"github.com/shema-music/shema/test/internal/client"
	"github.com/shema-music/shema/test/internal/machine"
)

// recovery is how long a part may take to come back and be noticed.
const recovery = 30 * time.Second

// household is what an outage is watched with: a student with a booking, an admin, and free slots.
type household struct {
	student, admin *client.Person
	lessons        lessons
	booking        client.Booking
}

func newHousehold() household {
	GinkgoHelper()

	h := household{}
	atOnce(func() { h.student = student() }, func() { h.lessons = course(6) }, func() { h.admin = admin() })

	h.booking = booked(h.student, h.lessons, 0, 1)

	return h
}

// ask is one question to the platform, by a name.
type ask struct {
	name string
	send func(h household) client.Answer
	ok   int
}

// uncached makes requests that the gateway has no answer for.
var uncached atomic.Int64

var (
	signIn     = ask{"sign in", func(h household) client.Answer { return h.student.Login(h.student.Email, password) }, 200}
	renew      = ask{"refresh", func(h household) client.Answer { return h.student.Refresh(h.student.Session.RefreshToken) }, 200}
	me         = ask{"my profile", func(h household) client.Answer { return h.student.Get("/api/users/me") }, 200}
	mySessions = ask{"my sessions", func(h household) client.Answer { return h.student.Get("/api/auth/sessions") }, 200}
	listUsers  = ask{"list users", func(h household) client.Answer { return h.admin.Get("/api/users?limit=1") }, 200}
	browse     = ask{"free slots past the gateway's cache", func(h household) client.Answer {
		limit := 1 + uncached.Add(1)%100
		return stranger().Get(fmt.Sprintf("/api/schedules/available?limit=%d&course_id=%s", limit, h.lessons.ID))
	}, 200}
	openPage = ask{"a page, asked for by a program", func(household) client.Answer { return stranger().Get("/courses/piano-pemula") }, 200}
	mine     = ask{"my bookings", func(h household) client.Answer { return h.student.Get("/api/bookings") }, 200}
	// book is refused in good times: the student has a pending booking already.
	book = ask{"book", func(h household) client.Answer {
		first, second := h.lessons.pair(2, 3)
		return h.student.Book(h.lessons.ID, first, second)
	}, 409}
)

func (a ask) matcher(down bool) types.GomegaMatcher {
	if down {
		return beUnavailable()
	}

	return succeed(a.ok)
}

// outages says for each part what fails without it, and what goes on.
var outages = []struct {
	part      string
	fails     []ask
	continues []ask
}{
	{"redis", []ask{signIn, renew}, []ask{browse}},
	{"postgres", []ask{signIn, browse, listUsers, mine, book}, nil},
	{"auth", []ask{signIn, renew, me}, []ask{browse}},
	{"user", []ask{signIn, listUsers}, []ask{browse, mine}},
	{"course", []ask{browse}, []ask{signIn, mine}},
	{"booking", []ask{mine, book}, []ask{signIn, me, browse}},
	{"gateway-dapr", []ask{signIn, browse, listUsers}, nil},
	{"auth-dapr", []ask{signIn, renew, me}, []ask{browse}},
	{"user-dapr", []ask{signIn, listUsers}, []ask{browse, mine}},
	{"course-dapr", []ask{browse}, []ask{signIn, mine}},
	{"booking-dapr", []ask{mine, book}, []ask{signIn, me, browse}},
	{"web", []ask{openPage}, []ask{signIn, me, browse, mine, book}},
	{"operator", nil, []ask{signIn, browse, mine, book}},
	{"etcd", nil, []ask{signIn, browse, mine, book}},
}

// failures counts the requests that the gateway has answered with a failure of the platform's own.
func failures() (sum int) {
	GinkgoHelper()

	for _, replica := range platform.Replicas("gateway") {
		metrics, err := machine.Metrics(platform.MetricsURL(replica))
		Expect(err).NotTo(HaveOccurred())

		for series, count := range metrics {
			if strings.HasPrefix(series, "shema_http_request_duration_seconds_count{") && strings.Contains(series, `status="5`) {
				sum += int(count)
			}
		}
	}

	return sum
}

var _ = Describe("Outages", Serial, SpecPriority(-3), func() {
	for _, outage := range outages {
		It("without "+outage.part+" says so within five seconds, and recovers by itself", func() {
			h := newHousehold()
			before := failures()

			Expect(platform.Stop(outage.part)).To(Succeed())

			started := false
			defer func() {
				if !started {
					_ = platform.Start(outage.part)
				}
			}()
			// What the gateway remembers of sessions and pages is forgotten after a second.
			Eventually(func() string {
				answers := together(len(outage.fails), func(i int) client.Answer { return outage.fails[i].send(h) })
				return complaints(answers, beUnavailable())
			}).WithTimeout(10 * time.Second).Should(BeEmpty())
			Expect(failures()-before).To(BeNumerically(">=", len(outage.fails)), "the gateway's metrics count every failure")

			going := together(len(outage.continues), func(i int) client.Answer { return outage.continues[i].send(h) })
			for i, a := range going {
				Expect(a).To(succeed(outage.continues[i].ok), outage.continues[i].name)
			}

			Expect(platform.Start(outage.part)).To(Succeed())

			started = true

			everythingWorks(h)
		})
	}

	It("shows a person a page that says so while the website is away", func() {
		visitor := *stranger()
		visitor.Observe = nil // which would look for the shape that programs get
		visit := func() client.Answer {
			return visitor.Get("/courses/piano-pemula", client.Header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"))
		}

		Expect(platform.Stop("web")).To(Succeed())

		away := visit()
		started := platform.Start("web")

		Expect(away.Status).To(Equal(http.StatusServiceUnavailable))
		Expect(away.Took).To(BeNumerically("<", 5*time.Second))
		Expect(away.Header.Get("Content-Type")).To(HavePrefix("text/html"))
		Expect(away.Header.Get("Retry-After")).To(MatchRegexp(`^[1-9]\d*$`))
		Expect(away.Header.Get("Cache-Control")).To(Equal("no-store"))
		Expect(away.Header.Get("Refresh")).NotTo(BeEmpty(), "the browser asks again by itself")
		Expect(string(away.Body)).To(And(ContainSubstring("Situs ini segera kembali"), ContainSubstring("The website is away for a moment")))

		Expect(started).To(Succeed())
		Eventually(visit).WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(succeed(200))
	})

	It("catches up on what was applied while the operator was away", func() {
		Expect(platform.Stop("operator")).To(Succeed())

		name := platform.Catalogue.Name("nanti")
		Expect(platform.Catalogue.Create(context.Background(), catalogue.Course(name),
			catalogue.Schedule(name, name, catalogue.Start(), 2))).To(Succeed())
		Expect(platform.Start("operator")).To(Succeed())
		Eventually(func() client.Answer { return stranger().Get("/api/courses/" + name) }).
			WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(succeed(200))

		visible(name, 2)
	})

	It("goes on applying after the API server was restarted, and sells what it has meanwhile", acrossReplicas, func() {
		l := course(2)

		Expect(platform.Stop("kube-apiserver")).To(Succeed())

		booked(student(), l, 0, 1)
		Expect(platform.Start("kube-apiserver")).To(Succeed())

		name := platform.Catalogue.Name("lagi")
		Eventually(func() error { return platform.Catalogue.Create(context.Background(), catalogue.Course(name)) }).
			WithTimeout(recovery).Should(Or(Succeed(), MatchError(ContainSubstring("already exists"))))
		Eventually(func() client.Answer { return stranger().Get("/api/courses/" + name) }).
			WithTimeout(recovery).WithPolling(100 * time.Millisecond).Should(succeed(200))
	})

	It("keeps sessions over a restart and a crash of Redis", func() {
		p := student()

		Expect(platform.Restart(context.Background(), "redis")).To(Succeed())
		Eventually(func() client.Answer { return p.Get("/api/users/me") }).WithTimeout(recovery).Should(succeed(200))

		session := read[client.Session](p.Refresh(p.Session.RefreshToken), 200)

		Expect(platform.Kill("redis")).To(Succeed())

		p.Client = p.With(session.AccessToken)
		Eventually(func() client.Answer { return p.Get("/api/users/me") }).WithTimeout(recovery).Should(succeed(200))
		Expect(p.Refresh(session.RefreshToken)).To(succeed(200))
	})

	It("says so after few tries when Redis is full", func() {
		h, ctx := newHousehold(), context.Background()
		refusals := func() (n int) {
			GinkgoHelper()

			stats := platform.Redis.Info(ctx, "errorstats").Val()
			if _, rest, found := strings.Cut(stats, "errorstat_OOM:count="); found {
				_, err := fmt.Sscan(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), &n)
				Expect(err).NotTo(HaveOccurred())
			}

			return n
		}

		Expect(platform.Redis.ConfigSet(ctx, "maxmemory", "1mb").Err()).To(Succeed())

		heal := func() { Expect(platform.Redis.ConfigSet(ctx, "maxmemory", "0").Err()).To(Succeed()) }

		DeferCleanup(heal) // also after a failure

		before := refusals()

		Expect(signIn.send(h)).To(beUnavailable())
		Expect(refusals()-before).To(And(BeNumerically(">", 0), BeNumerically("<", 60)), "tries that Redis refused")
		Expect(browse.send(h)).To(succeed(200))

		heal()
		everythingWorks(h)
	})

	It("publishes what was decided while the broker took nothing", func() {
		h, ctx := newHousehold(), context.Background()
		Expect(platform.Redis.Do(ctx, "CLIENT", "PAUSE", "6000", "WRITE").Err()).To(Succeed())
		Expect(h.admin.Confirm(h.booking.ID, h.booking.FirstChoiceSlotID)).To(succeed(200))
		Expect(statuses(h.lessons.pairIDs(0, 1)...)).To(Equal([]string{"booked", "available"}))
		Expect(published("booking.confirmed", h.booking.ID)).To(BeEmpty())
		Expect(platform.Redis.Do(ctx, "CLIENT", "UNPAUSE").Err()).To(Succeed())
		Eventually(func() []string { return decisions(h.booking.ID) }).WithTimeout(recovery).Should(ConsistOf("booking.confirmed"))
	})

	It("does not hang with parts that hang", func() {
		h := newHousehold()
		for _, hang := range []struct {
			parts []string
			fails []ask
		}{
			{[]string{"user", "course", "booking"}, []ask{listUsers, browse, mine, book}},
			{[]string{"auth"}, []ask{me, signIn, renew}},
			{[]string{"redis"}, []ask{signIn, renew}},
		} {
			for _, part := range hang.parts {
				Expect(platform.Pause(part)).To(Succeed())
			}

			Eventually(func() string {
				answers := together(len(hang.fails), func(i int) client.Answer { return hang.fails[i].send(h) })
				return complaints(answers, beUnavailable())
			}).WithTimeout(10*time.Second).Should(BeEmpty(), "%v hang", hang.parts)

			for _, part := range hang.parts {
				Expect(platform.Resume(part)).To(Succeed())
			}

			everythingWorks(h)
		}
	})

	It("keeps every promise while parts are killed under load", acrossReplicas, func() {
		chaos()
	})
})

// everythingWorks waits until every question is answered again, by all replicas of all services: a sidecar that missed
// another one asks for it again after a second, and less and less often after that.
func everythingWorks(h household) {
	GinkgoHelper()

	const enough = 8 // to meet each of two

	questions := []ask{signIn, mySessions, me, browse, listUsers, mine, book}

	times := 1
	if platform.Two() {
		times = enough
	}

	Eventually(func(g Gomega) {
		answers := together(times*len(questions), func(i int) client.Answer { return questions[i%len(questions)].send(h) })
		for i, a := range answers {
			g.Expect(a).To(questions[i%len(questions)].matcher(false), questions[i%len(questions)].name)
		}
	}).WithTimeout(recovery).WithPolling(500 * time.Millisecond).Should(Succeed())
}
