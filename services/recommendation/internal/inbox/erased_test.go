package inbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	usererrs "github.com/shema-music/shema/services/contracts/user/errs"
	userevents "github.com/shema-music/shema/services/contracts/user/events"
	"github.com/shema-music/shema/services/recommendation/internal/recommendation"
)

func left(user uuid.UUID) userevents.Erased {
	return userevents.Erased{
		EventType: userevents.TypeErased,
		UserID:    user,
		EmailHash: "00",
		Timestamp: time.Now(),
	}
}

// Nothing is kept of who has left, others keep what they have, and it is reported.
func TestInbox_Erased(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)

	s.Courses.Add("piano", nil)

	leaver, other := s.Users.AddPianist(), s.Users.AddPianist()
	for _, user := range []uuid.UUID{leaver, other} {
		_, err := s.Recommendations.Generate(t.Context(), user, recommendation.Overrides{})
		g.Expect(err).NotTo(HaveOccurred())
	}

	for _, event := range []string{"event-1", "event-1", "event-2"} {
		g.Expect(s.Deliver(t, userevents.TopicErased, event, left(leaver)).Status).To(Equal(http.StatusOK))
	}

	g.Expect(s.of(t, leaver)()).To(BeEmpty())
	g.Expect(s.of(t, other)()).To(HaveLen(1))

	s.work(t)
	g.Eventually(s.Users.Erased).WithTimeout(10 * time.Second).Should(Equal([]uuid.UUID{leaver, leaver}))
}

// What is late about who has left brings nothing back.
func TestInbox_Erased_LateWrites(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)

	s.Courses.Add("piano", nil)
	leaver := s.Users.AddPianist()
	g.Expect(s.Deliver(t, userevents.TopicErased, "e", left(leaver)).Status).To(Equal(http.StatusOK))

	g.Expect(s.Recommendations.Welcome(t.Context(), leaver)).To(MatchError(usererrs.NotFound))
	_, err := s.Recommendations.Generate(t.Context(), leaver, recommendation.Overrides{})
	g.Expect(err).To(MatchError(usererrs.NotFound))
	g.Expect(s.count(t, "recommendations")).To(BeZero())
}

func TestInbox_Erased_NoPerson(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)

	for reason, data := range map[string]any{
		"no person": map[string]any{"eventType": "USER_ERASED"}, "not an id": map[string]any{"userId": "x"},
	} {
		g.Expect(s.Deliver(t, userevents.TopicErased, "e", data).Status).To(BeNumerically(">=", 500), reason)
	}

	g.Expect(s.count(t, "erased_people")).To(BeZero())
}
