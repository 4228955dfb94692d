package platform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/redis/go-redis/v9"
)

// cloudEvent is an event as the broker keeps it.
type cloudEvent struct {
	ID   string         `json:"id"`
	Type string         `json:"type"`
	Data map[string]any `json:"data"`

	raw map[string]any
}

// stream reads a whole topic.
func stream(ctx context.Context, topic string) ([]cloudEvent, error) {
	messages, err := platform.Redis.XRange(ctx, topic, "-", "+").Result()
	if err != nil {
		return nil, err
	}

	events := make([]cloudEvent, 0, len(messages))
	for _, m := range messages {
		var e cloudEvent

		text, _ := m.Values["data"].(string)
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			continue // the poison of another spec
		}

		_ = json.Unmarshal([]byte(text), &e.raw)
		events = append(events, e)
	}

	return events, nil
}

// deliver puts an event into a topic once more; with a new id no consumer can know it for a copy.
func deliver(topic string, e cloudEvent, renamed bool) {
	GinkgoHelper()

	if renamed {
		e.raw["id"] = uuid.NewString()
	}

	text, err := json.Marshal(e.raw)
	Expect(err).NotTo(HaveOccurred())

	push(topic, string(text))
}

func push(topic, text string) {
	GinkgoHelper()

	err := platform.Redis.XAdd(context.Background(), &redis.XAddArgs{Stream: topic, Values: map[string]any{"data": text}}).Err()
	Expect(err).NotTo(HaveOccurred())
}

// consumed waits until every group has handled and acknowledged everything of the topics.
func consumed(topics ...string) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		for _, topic := range topics {
			groups, err := platform.Redis.XInfoGroups(context.Background(), topic).Result()
			g.Expect(err).NotTo(HaveOccurred())

			for _, group := range groups {
				g.Expect(group.Pending).To(BeZero(), "%s of %s", group.Name, topic)
				g.Expect(group.Lag).To(BeZero(), "%s of %s", group.Name, topic)
			}
		}
	}).WithTimeout(30 * time.Second).WithPolling(50 * time.Millisecond).Should(Succeed())
}

// theEvent waits for the one event about a booking. When a process dies while it publishes, another one takes over after
// twelve seconds.
func theEvent(topic, booking string) cloudEvent {
	GinkgoHelper()

	var found []cloudEvent
	Eventually(func() []cloudEvent { found = published(topic, booking); return found }).
		WithTimeout(recovery).Should(HaveLen(1))

	return found[0]
}

var _ = Describe("Events", acrossReplicas, func() {
	It("tell what the contract says", func() {
		p, l := student(), course(2)
		b := booked(p, l, 0, 1)
		Expect(admin().Confirm(b.ID, b.SecondChoiceSlotID)).To(succeed(200))

		for topic, eventType := range map[string]string{"booking.created": "BOOKING_CREATED", "booking.confirmed": "BOOKING_CONFIRMED"} {
			e := theEvent(topic, b.ID)
			Expect(e.Data).To(And(
				HaveKeyWithValue("eventType", eventType), HaveKeyWithValue("userId", p.Session.User.ID), HaveKeyWithValue("courseId", l.ID),
				HaveKeyWithValue("firstChoiceSlotId", b.FirstChoiceSlotID), HaveKeyWithValue("secondChoiceSlotId", b.SecondChoiceSlotID)))
			Expect(time.Parse(time.RFC3339, e.Data["timestamp"].(string))).To(BeTemporally("~", time.Now(), 10*time.Second))
			Expect(e.ID).To(MatchRegexp(`^[0-9a-f]{8}-[0-9a-f]{4}-7`))
		}

		Expect(theEvent("booking.confirmed", b.ID).Data).To(HaveKeyWithValue("confirmedSlotId", b.SecondChoiceSlotID))
		Expect(theEvent("booking.created", b.ID).Data).NotTo(HaveKey("confirmedSlotId"))

		all, err := stream(context.Background(), "user.registered")
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(ContainElement(HaveField("Data", And(HaveKeyWithValue("userId", p.Session.User.ID),
			HaveKeyWithValue("eventType", "USER_REGISTERED"), HaveKeyWithValue("email", p.Email),
			HaveKey("preferredInstruments"), HaveKey("experienceLevel"), HaveKey("timestamp")))))
	})

	It("tell what changed in the catalogue, and who got another role", func() {
		l, p := course(1), withRole("teacher")
		for topic, fields := range map[string]map[string]any{
			"catalog.changed":     {"eventType": "CATALOG_CHANGED", "kind": "Schedule", "name": l.Name, "courseId": l.ID},
			"user.access_changed": {"eventType": "USER_ACCESS_CHANGED", "userId": p.Session.User.ID, "accessEpoch": BeNumerically(">=", 1)},
		} {
			match := And(HaveKey("timestamp"))
			for name, value := range fields {
				match = And(match, HaveKeyWithValue(name, value))
			}

			Eventually(func() ([]cloudEvent, error) { return stream(context.Background(), topic) }).
				Should(ContainElement(HaveField("Data", match)))
		}
	})

	It("do no harm when they come twice, late, and out of order", func() {
		p, q, l := student(), student(), course(2)
		a := booked(p, l, 0, 1)
		Expect(admin().Confirm(a.ID, a.FirstChoiceSlotID)).To(succeed(200))

		confirmed := theEvent("booking.confirmed", a.ID)
		Expect(admin().Revoke(a.ID, "Guru sakit")).To(succeed(200))

		revoked := theEvent("booking.cancelled", a.ID)
		b := booked(q, l, 0, 1)

		for _, renamed := range []bool{false, true} {
			deliver("booking.confirmed", confirmed, renamed)
			deliver("booking.cancelled", revoked, renamed)
			deliver("booking.confirmed", confirmed, renamed)
		}

		consumed("booking.confirmed", "booking.cancelled")
		Expect(statuses(l.pairIDs(0, 1)...)).To(HaveEach("reserved"), "the second booking keeps its slots")

		Expect(admin().Confirm(b.ID, b.SecondChoiceSlotID)).To(succeed(200))

		deliver("booking.cancelled", revoked, true)
		deliver("booking.confirmed", theEvent("booking.confirmed", b.ID), true)
		consumed("booking.confirmed", "booking.cancelled")
		Expect(statuses(l.pairIDs(0, 1)...)).To(Equal([]string{"available", "booked"}))
		Expect(decisions(b.ID)).NotTo(ContainElement("booking.cancelled"))
	})

	It("that can't be handled end among the dead letters, in a metric, and can be replayed", Label("slow"), func() {
		p, l := student(), course(2)
		b := booked(p, l, 0, 1)
		before := deadLettersMetric("course")

		mend := breakSlots(b.ID)
		defer mend()

		Expect(admin().Confirm(b.ID, b.FirstChoiceSlotID)).To(succeed(200), "the decision stands")

		poison := "poison-" + uuid.NewString()
		push("booking.confirmed", `{"specversion":"1.0","id":"`+poison+
			`","source":"test","type":"t","datacontenttype":"application/json","data":{"bookingId":"no uuid"}}`)

		Eventually(func() int { return deadLetters(b.ID) }).WithTimeout(40 * time.Second).WithPolling(200 * time.Millisecond).Should(Equal(1))
		Eventually(func() int { return deadLettersMetric("course") }).WithTimeout(40 * time.Second).
			WithPolling(200 * time.Millisecond).Should(Equal(before + 2))
		Expect(statuses(l.pairIDs(0, 1)...)).To(HaveEach("reserved"))

		mend()

		listed, err := platform.Run("course", "dead-letters", "list")
		Expect(err).NotTo(HaveOccurred(), listed)

		lost := theEvent("booking.confirmed", b.ID).ID
		Expect(listed).To(ContainSubstring(lost))

		out, err := platform.Run("course", "dead-letters", "replay", lost)
		Expect(err).NotTo(HaveOccurred(), out)
		Eventually(func() []string { return statuses(l.pairIDs(0, 1)...) }).WithTimeout(10 * time.Second).
			Should(Equal([]string{"booked", "available"}))

		for _, service := range []string{"course", "auth", "user"} {
			dismiss(service, poison)
		}
	})
})

// dismiss takes a dead letter off a service's list as soon as it is there.
func dismiss(service, id string) {
	GinkgoHelper()

	Eventually(func() (string, error) { return platform.Run(service, "dead-letters", "list") }).WithTimeout(40 * time.Second).
		WithPolling(time.Second).Should(ContainSubstring(id))

	out, err := platform.Run(service, "dead-letters", "dismiss", id)
	Expect(err).NotTo(HaveOccurred(), out)
}

// breakSlots makes every change of a booking's slots fail until it is mended.
func breakSlots(booking string) (mend func()) {
	GinkgoHelper()

	ctx := context.Background()
	_, err := platform.DB.Exec(ctx, fmt.Sprintf(`
		CREATE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken by the test'; END $$;
		GRANT USAGE ON SCHEMA public TO course_service;
		CREATE TRIGGER broken BEFORE UPDATE ON course.schedules FOR EACH ROW WHEN (OLD.booking_id = '%s') EXECUTE FUNCTION public.broken()`,
		uuid.MustParse(booking)))
	Expect(err).NotTo(HaveOccurred())

	mended := false

	return func() {
		if mended {
			return
		}

		mended = true
		_, err := platform.DB.Exec(ctx, `DROP TRIGGER broken ON course.schedules; DROP FUNCTION public.broken();
			REVOKE USAGE ON SCHEMA public FROM course_service`)
		Expect(err).NotTo(HaveOccurred())
	}
}

func deadLetters(booking string) int {
	GinkgoHelper()

	var n int

	row := platform.DB.QueryRow(context.Background(),
		`SELECT count(*) FROM course.dead_letters WHERE replayed_at IS NULL AND event::text LIKE '%' || $1 || '%'`, booking)
	Expect(row.Scan(&n)).To(Succeed())

	return n
}

var deadLettersLine = regexp.MustCompile(`(?m)^shema_dead_letters(?:\{[^}]*\})? (\d+)`)

// deadLettersMetric adds up the gauge of one service.
func deadLettersMetric(app string) int {
	GinkgoHelper()

	response, err := http.Get(platform.MetricsURL(app))
	Expect(err).NotTo(HaveOccurred())

	defer response.Body.Close()

	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())

	total := 0
	for _, match := range deadLettersLine.FindAllSubmatch(body, -1) {
		var n int

		_, _ = fmt.Sscan(string(match[1]), &n)
		total += n
	}

	return total
}
