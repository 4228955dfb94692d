package ranking

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/recommendation/internal/score"
)

// three courses in the order of the rules.
func three() []score.Scored {
	courses := make([]score.Scored, 3)
	for i := range courses {
		courses[i] = score.Scored{
			Match:  score.Match{Points: score.Points(93_33 - i)},
			Course: &score.Course{ID: uuid.MustParse("0190d0c0-0000-7000-8000-00000000000" + string(rune('1'+i))), Title: "Course"},
		}
	}

	return courses
}

func ids(courses []score.Scored) []uuid.UUID {
	found := make([]uuid.UUID, len(courses))
	for i, c := range courses {
		found[i] = c.Course.ID
	}

	return found
}

// model returns a Model behind which the handler answers on a real server.
func model(t *testing.T, handler http.HandlerFunc) *Model {
	t.Helper()

	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	m, err := New(server.URL+"/rank?key=hidden", "")
	NewWithT(t).Expect(err).NotTo(HaveOccurred())

	m.patience = time.Minute // Only a test about time has less.

	return m
}

// The model orders the courses.
func TestModel_Rank(t *testing.T) {
	courses := three()
	a, b, c := courses[0].Course.ID, courses[1].Course.ID, courses[2].Course.ID

	cases := []struct {
		reason string
		named  []uuid.UUID
		want   []uuid.UUID
	}{
		{"another order", []uuid.UUID{c, a, b}, []uuid.UUID{c, a, b}},
		{"the order of the rules", []uuid.UUID{a, b, c}, []uuid.UUID{a, b, c}},
		{"what it does not name follows as the rules have it", []uuid.UUID{b}, []uuid.UUID{b, a, c}},
	}
	for _, tc := range cases {
		t.Run(tc.reason, func(t *testing.T) {
			g := NewWithT(t)
			m := model(t, func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(map[string]any{"course_ids": tc.named, "model": "what else it says is its own business"})
			})
			ranked, err := m.Rank(t.Context(), score.Preferences{}, courses)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(ids(ranked)).To(Equal(tc.want))
			g.Expect(ids(courses)).To(Equal([]uuid.UUID{a, b, c}), "the given list stays as it is")
			g.Expect(ranked).To(ConsistOf(courses[0], courses[1], courses[2]), "with the points of the rules")
		})
	}
}

// The model is asked with nothing that says who asks.
func TestModel_Rank_Question(t *testing.T) {
	g := NewWithT(t)

	var (
		asked *http.Request
		body  []byte
	)

	m := model(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r
		body, _ = io.ReadAll(r.Body)
		_, _ = w.Write([]byte(`{"course_ids":["0190d0c0-0000-7000-8000-000000000001"]}`))
	})
	m.token = "a-token"
	courses := three()[:2]
	*courses[0].Course = score.Course{
		ID:            courses[0].Course.ID,
		Title:         "Piano",
		Instrument:    "piano",
		Level:         "beginner",
		PriceCategory: "low",
		Days:          score.ParseDays([]string{"monday", "sunday"}),
		NextAvailable: new(time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)),
	}
	wish := score.Preferences{
		ExperienceLevel: "beginner",
		LearningGoal:    "hobby",
		BudgetRange:     "low",
		Instruments:     []string{"Piano"},
		Days:            score.ParseDays([]string{"sunday"}),
	}
	_, err := m.Rank(t.Context(), wish, courses)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(asked.Method + " " + asked.URL.String()).To(Equal("POST /rank?key=hidden"))
	g.Expect(asked.Header).To(And(
		HaveKeyWithValue("Content-Type", []string{"application/json"}), HaveKeyWithValue("Authorization", []string{"Bearer a-token"})))
	g.Expect(body).To(MatchJSON(`{
		"preferences": {"experience_level": "beginner", "learning_goal": "hobby", "preferred_instruments": ["Piano"],
			"budget_range": "low", "available_days": ["sunday"]},
		"courses": [
			{"id": "0190d0c0-0000-7000-8000-000000000001", "title": "Piano", "instrument": "piano", "level": "beginner",
				"price_category": "low", "available_days": ["monday", "sunday"], "next_available_at": "2027-01-04T09:00:00Z", "score": 93.33},
			{"id": "0190d0c0-0000-7000-8000-000000000002", "title": "Course", "instrument": "", "level": "",
				"price_category": "", "available_days": [], "next_available_at": null, "score": 93.32}]}`))

	m.token = ""
	_, err = m.Rank(t.Context(), score.Preferences{}, courses)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(asked.Header).NotTo(HaveKey("Authorization"))

	var sent map[string]any
	g.Expect(json.Unmarshal(body, &sent)).To(Succeed())
	g.Expect(sent["preferences"]).To(Equal(map[string]any{
		"experience_level": nil, "learning_goal": nil, "preferred_instruments": []any{}, "budget_range": nil, "available_days": []any{},
	}), "what was not said")
}

// A model that cannot be believed is not: the order of the rules holds.
func TestModel_Rank_BadAnswers(t *testing.T) {
	const first, second = "0190d0c0-0000-7000-8000-000000000001", "0190d0c0-0000-7000-8000-000000000002"

	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	named := func(ids ...string) http.HandlerFunc {
		return answer(http.StatusOK, `{"course_ids":["`+strings.Join(ids, `","`)+`"]}`)
	}

	cases := []struct {
		reason  string
		handler http.HandlerFunc
		want    string
	}{
		{"a course that was not given", named(first, uuid.NewString()), "was not given"},
		{"one course twice", named(first, second, first), "named before"},
		{"no course", answer(http.StatusOK, `{"course_ids":[]}`), "names no course"},
		{"another kind of answer", answer(http.StatusOK, `{"ranking":[]}`), "names no course"},
		{"no id", named("piano"), "decode"},
		{"no JSON", answer(http.StatusOK, "<html>"), "decode"},
		{"nothing", answer(http.StatusOK, ""), "decode"},
		{"an error", answer(http.StatusInternalServerError, `{"course_ids":["`+first+`"]}`), "status 500"},
		{"created is not answered", answer(http.StatusAccepted, `{"course_ids":["`+first+`"]}`), "status 202"},
		{"an endless answer", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"course_ids":["` + first + `"]`))
			for range 1 << 10 {
				if _, err := w.Write([]byte(strings.Repeat(" ", 1<<10))); err != nil {
					return // we have hung up
				}
			}

			_, _ = w.Write([]byte("}"))
		}, "more than 65536 bytes"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "status 307"},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "ask the model"},
		{"an answer that breaks", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"course_ids":[`))
		}, "read the model's answer"},
	}
	for _, c := range cases {
		t.Run(c.reason, func(t *testing.T) {
			g := NewWithT(t)
			_, err := model(t, c.handler).Rank(t.Context(), score.Preferences{}, three())
			g.Expect(err).To(MatchError(ContainSubstring(c.want)))
			g.Expect(err.Error()).NotTo(ContainSubstring("hidden"), "the endpoint may hold a key")
		})
	}
}

// A model that takes its time is not waited for.
func TestModel_Rank_Timeout(t *testing.T) {
	late := make(chan struct{})
	for reason, handler := range map[string]http.HandlerFunc{
		"before the answer": func(_ http.ResponseWriter, _ *http.Request) { <-late },
		"within the answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"course_ids":[`))
			_ = http.NewResponseController(w).Flush()

			<-late
		},
	} {
		t.Run(reason, func(t *testing.T) {
			g := NewWithT(t)
			m := model(t, handler)
			t.Cleanup(func() { late <- struct{}{} })

			m.patience = patience
			begun := time.Now()
			_, err := m.Rank(t.Context(), score.Preferences{}, three())
			g.Expect(err).To(MatchError(ContainSubstring("deadline exceeded")))
			g.Expect(time.Since(begun)).To(And(BeNumerically(">=", 800*time.Millisecond), BeNumerically("<", 2*time.Second)))
		})
	}
}

// An endpoint must be an address.
func TestNew_Endpoint(t *testing.T) {
	for _, endpoint := range []string{"", "localhost:1234", "/rank", "ftp://host/", "http://", "http://[::1", "rank"} {
		_, err := New(endpoint, "")
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("AI_MODEL_ENDPOINT")), endpoint)
	}

	m, err := New("https://models.example/rank", "")
	g := NewWithT(t)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(m.Name()).To(Equal("model"))
}
