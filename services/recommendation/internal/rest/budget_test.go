package rest_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/recommendation/internal/store/storetest"
)

func TestHandlers_GenerateRecommendation_Budget(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, other := s.pianist(), s.pianist()

	for range storetest.PerMinute {
		g.Expect(s.post(t, student, nil).Status).To(Equal(http.StatusOK))
	}

	refused := s.post(t, student, nil)
	g.Expect(refused.Status).To(Equal(http.StatusTooManyRequests))
	g.Expect(refused.Code()).To(Equal("RATE_LIMITED"))
	seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(seconds).To(And(BeNumerically(">=", 1), BeNumerically("<=", 60)))

	g.Expect(s.get(t, student, latest).Status).To(Equal(http.StatusOK), "what there is can be read")
	g.Expect(s.post(t, other, nil).Status).To(Equal(http.StatusOK))
}

func TestHandlers_ExportPerson(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, other := s.pianist(), s.pianist()
	s.Courses.Add("piano", nil)

	const kept = 12
	for range kept {
		g.Expect(s.post(t, student, nil).Status).To(Equal(http.StatusOK))
	}

	ids := map[any]bool{}

	for query := ""; ; {
		answer := s.get(t, student, "/internal/export"+query)
		g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))

		var part recommendationhttp.ExportPage
		answer.Read(t, &part)
		g.Expect(part.Sections).To(And(HaveLen(1), HaveKey("recommendations")))

		for _, row := range part.Sections["recommendations"] {
			ids[row["id"]] = true
		}

		if part.NextCursor == nil {
			break
		}

		query = "?cursor=" + *part.NextCursor
	}

	g.Expect(ids).To(HaveLen(kept))
	g.Expect(s.get(t, other, "/internal/export").Body).To(MatchJSON(`{"sections":{"recommendations":[]},"next_cursor":null}`))
	g.Expect(s.get(t, nil, "/internal/export").Code()).To(Equal("AUTH_MISSING_TOKEN"))
	g.Expect(s.get(t, &auth.Principal{UserID: uuid.New(), Role: auth.Admin}, "/internal/export?cursor=x").BadFields()).To(ConsistOf("cursor"))
}
