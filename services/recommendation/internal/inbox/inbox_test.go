package inbox_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	kitinbox "github.com/shema-music/shema/services/kit/inbox"
	"github.com/shema-music/shema/services/kit/outbox"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/recommendation/internal/inbox"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
	"github.com/shema-music/shema/services/recommendation/internal/recommendationtest"
	"github.com/shema-music/shema/services/recommendation/internal/store"
)

// service hears events and works jobs in a world of its own.
type service struct {
	*recommendationtest.World
	*servertest.Harness

	jobs *outbox.Outbox
}

func newService(t *testing.T) *service {
	t.Helper()
	w := recommendationtest.New(t)
	spec, err := recommendationhttp.GetSpec()
	s := &service{World: w, Harness: servertest.New(t, recommendationtest.AppID, spec, err)}
	g := NewWithT(t)
	log := slog.New(slog.DiscardHandler)
	s.jobs, err = outbox.New(outbox.Options{
		Pool:     w.Pool,
		Schema:   store.Schema,
		Log:      log,
		Register: inbox.Workers(w.Recommendations, w.Erasures()),
	})
	g.Expect(err).NotTo(HaveOccurred())

	box := kitinbox.New(kitinbox.Options{
		Pool:   w.Pool,
		Schema: store.Schema,
		Log:    log,
		Router: s.Server,
	})
	inbox.Register(box, w.Store, s.jobs)

	return s
}

// work works the jobs until the test ends.
func (s *service) work(t *testing.T) {
	t.Helper()
	s.jobs.Start(t.Context())
	t.Cleanup(func() { NewWithT(t).Expect(s.jobs.Stop(context.Background())).To(Succeed()) })
}

func registered(user uuid.UUID) userevents.Registered {
	return userevents.Registered{
		EventType: userevents.TypeRegistered,
		UserID:    user,
		Email:     "a@b.c",
		Timestamp: time.Now(),
	}
}

// of returns the user's recommendations.
func (s *service) of(t *testing.T, user uuid.UUID) func() []recommendation.Recommendation {
	return func() []recommendation.Recommendation {
		found, err := s.Store.List(t.Context(), user, nil, 10)
		NewWithT(t).Expect(err).NotTo(HaveOccurred())
		return found
	}
}

// count returns the number that a query counts.
func (s *service) count(t *testing.T, what string) (n int) {
	t.Helper()
	err := s.Pool.QueryRow(t.Context(), "SELECT count(*) FROM recommendation."+what).Scan(&n)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	return n
}

// A newcomer is recommended something once.
func TestInbox_Registered_Once(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	piano := s.Courses.Add("piano", nil)

	user := s.Users.AddPianist()
	for range 3 {
		g.Expect(s.Deliver(t, userevents.TopicRegistered, "event-1", registered(user)).Status).To(Equal(http.StatusOK))
	}

	g.Expect(s.count(t, "river_job WHERE kind = 'recommend_to_newcomer'")).To(Equal(1), "deliveries of one event are one event")
	g.Expect(s.Deliver(t, userevents.TopicRegistered, "event-2", registered(user)).Status).To(Equal(http.StatusOK))

	s.work(t)
	g.Eventually(s.of(t, user)).WithTimeout(10 * time.Second).ShouldNot(BeEmpty())
	g.Eventually(func() int { return s.count(t, "river_job WHERE state <> 'completed'") }).WithTimeout(10 * time.Second).Should(BeZero())
	g.Expect(s.of(t, user)()).To(ConsistOf(And(
		HaveField("Origin", recommendation.OnRegistration),
		HaveField("Items", ConsistOf(And(HaveField("Course.ID", piano), HaveField("Points", BeEquivalentTo(100_00))))))),
		"another event about the same registration changes nothing")
}

// Neighbours that are away only put it off.
func TestInbox_Registered_ServicesAway(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)

	s.Courses.Add("piano", nil)
	user := s.Users.AddPianist()
	failed := make(chan struct{}, 100)
	s.Break(recommendationtest.CourseID, func(w http.ResponseWriter, r *http.Request) {
		recommendationtest.Down(w, r)

		failed <- struct{}{}
	})
	g.Expect(s.Deliver(t, userevents.TopicRegistered, "e", registered(user)).Status).To(Equal(http.StatusOK),
		"the event does not wait for neighbours")

	s.work(t)
	g.Eventually(failed).WithTimeout(10 * time.Second).Should(Receive())
	g.Expect(s.of(t, user)()).To(BeEmpty())

	s.Break(recommendationtest.CourseID, nil)
	g.Eventually(s.of(t, user)).WithTimeout(10 * time.Second).Should(HaveLen(1))
}

// The job about a person whom the user service doesn't know is given up.
func TestInbox_Registered_UnknownPerson(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	g.Expect(s.Deliver(t, userevents.TopicRegistered, "e", registered(uuid.New())).Status).To(Equal(http.StatusOK))
	s.work(t)
	g.Eventually(func() int { return s.count(t, "river_job WHERE state = 'cancelled'") }).WithTimeout(10 * time.Second).Should(Equal(1))
}

// What is no registration is not handled.
func TestInbox_Registered_Invalid(t *testing.T) {
	s := newService(t)

	g := NewWithT(t)
	for reason, data := range map[string]any{
		"no person": map[string]any{"eventType": "USER_REGISTERED"}, "not an id": map[string]any{"userId": "x"}, "a text": "x",
	} {
		g.Expect(s.Deliver(t, userevents.TopicRegistered, "e", data).Status).To(BeNumerically(">=", 500), reason)
	}

	g.Expect(s.count(t, "inbox_events")).To(BeZero(), "so that it is delivered again, and in the end to the dead letters")
	g.Expect(s.count(t, "river_job")).To(BeZero())

	letter := servertest.Request{
		Method: http.MethodPost,
		Path:   "/dapr/dead-letters",
		Caller: "-",
		Body: map[string]any{
			"specversion": "1.0", "id": "e", "type": userevents.TopicRegistered, "data": map[string]any{"eventType": "USER_REGISTERED"},
		},
	}
	g.Expect(s.Do(t, letter).Status).To(Equal(http.StatusOK))
	g.Expect(s.count(t, "dead_letters WHERE topic = 'user.registered'")).To(Equal(1))
}
