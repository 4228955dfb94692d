package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	recommendationhttp "github.com/shema-music/shema/services/contracts/recommendation/http"
	"github.com/shema-music/shema/services/kit/auth"
	"github.com/shema-music/shema/services/kit/servertest"
	"github.com/shema-music/shema/services/recommendation/internal/recommendationtest"
	"github.com/shema-music/shema/services/recommendation/internal/rest"
)

const (
	generate = "/api/recommendations/generate"
	latest   = "/api/recommendations/latest"
	history  = "/api/recommendations"
)

// service is the recommendation service's whole engine in a world of its own.
type service struct {
	*recommendationtest.World
	*servertest.Harness
}

func newService(t *testing.T) *service {
	t.Helper()
	w := recommendationtest.New(t)
	spec, err := recommendationhttp.GetSpec()
	h := servertest.New(t, recommendationtest.AppID, spec, err)
	rest.Register(h.Server, w.Recommendations)

	return &service{World: w, Harness: h}
}

func person(id uuid.UUID, role auth.Role) *auth.Principal {
	return &auth.Principal{UserID: id, SessionID: uuid.New(), Role: role}
}

func (s *service) pianist() *auth.Principal { return person(s.Users.AddPianist(), auth.Student) }

func (s *service) post(t *testing.T, as *auth.Principal, body any, header ...string) servertest.Response {
	t.Helper()
	return s.send(t, http.MethodPost, generate, as, body, header)
}

func (s *service) get(t *testing.T, as *auth.Principal, path string, header ...string) servertest.Response {
	t.Helper()
	return s.send(t, http.MethodGet, path, as, nil, header)
}

func (s *service) send(t *testing.T, method, path string, as *auth.Principal, body any, header []string) servertest.Response {
	t.Helper()

	r := servertest.Request{
		Method: method,
		Path:   path,
		Body:   body,
		As:     as,
		Header: map[string]string{},
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header[header[i]] = header[i+1]
	}

	return s.Do(t, r)
}

// A recommendation looks as the contract shows it.
func TestHandlers_GenerateRecommendation(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student := s.pianist()
	id := s.Courses.Add("piano", func(c *coursehttp.Course) {
		c.AvailableDays = []coursehttp.Weekday{coursehttp.Monday, coursehttp.Tuesday, coursehttp.Friday}
		c.Price, c.Currency, c.Teacher, c.ImageUrl = nil, nil, nil, nil
	})
	s.Courses.Free(id, time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC))

	answer := s.post(t, student, nil)
	g.Expect(answer.Status).To(Equal(http.StatusOK), string(answer.Body))

	var made map[string]any
	answer.Read(t, &made)
	g.Expect(made).To(And(HaveLen(4), HaveKeyWithValue("user_id", student.UserID.String()), HaveKeyWithValue("created_at", HaveSuffix("Z"))))
	g.Expect(made["items"]).To(Equal([]any{map[string]any{
		"course_id": id.String(), "score": 93.33, "confidence": 0.9333,
		"course": map[string]any{
			"id": id.String(), "name": "piano", "title": "piano", "description": "First steps", "instrument": "piano",
			"level": "beginner", "price_category": "low", "price": nil, "currency": nil, "teacher": nil, "image_url": nil,
			"packages": []any{map[string]any{
				"name": "bulanan", "title": "Four lessons a month", "lessons": 4.0, "price": "1200000", "currency": "IDR",
			}},
			"next_slot_at":   "2027-01-04T09:00:00Z",
			"available_days": []any{"monday", "tuesday", "friday"},
			"created_at":     "2026-01-02T03:04:05Z", "updated_at": "2026-02-02T03:04:05Z",
		},
		"reasons": []any{
			"It teaches an instrument of your choice: piano.", "It suits your level: beginner.",
			"Its price fits your budget: low.", "It takes place on days that suit you: Monday.",
		},
	}}))
	g.Expect(s.get(t, student, latest).Body).To(MatchJSON(answer.Body))
	g.Expect(s.get(t, student, history).Body).To(MatchJSON(`{"items": [` + string(answer.Body) + `], "next_cursor": null}`))
}

// The reader chooses the language.
func TestHandlers_Language(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student := s.pianist()
	s.Courses.Add("piano", nil)

	english := []string{
		"It teaches an instrument of your choice: piano.", "It suits your level: beginner.", "Its price fits your budget: low.",
		"It takes place on days that suit you: Monday and Wednesday.",
	}
	indonesian := []string{
		"Mengajarkan instrumen pilihan Anda: piano.", "Sesuai dengan tingkat Anda: pemula.", "Harganya sesuai dengan anggaran Anda: rendah.",
		"Diadakan pada hari yang cocok untuk Anda: Senin dan Rabu.",
	}

	var made recommendationhttp.Recommendation
	s.post(t, student, nil, "Accept-Language", "id").Read(t, &made)
	g.Expect(made.Items[0].Reasons).To(Equal(indonesian))

	for header, want := range map[string][]string{
		"": english, "en": english, "fr": english, "id-ID,id;q=0.9,en;q=0.8": indonesian, "en,id;q=0.5": english,
	} {
		s.get(t, student, latest, "Accept-Language", header).Read(t, &made)
		g.Expect(made.Items[0].Reasons).To(Equal(want), header)

		var list recommendationhttp.RecommendationList
		s.get(t, student, history, "Accept-Language", header).Read(t, &list)
		g.Expect(list.Items[0].Items[0].Reasons).To(Equal(want), header)
	}
}

// The body replaces the profile.
func TestHandlers_GenerateRecommendation_Body(t *testing.T) {
	s := newService(t)
	student := s.pianist()
	s.Courses.Add("piano", nil)

	for reason, c := range map[string]struct {
		body  any
		score float64
	}{
		"no body":               {nil, 100},
		"null":                  {"null", 100},
		"an empty object":       {map[string]any{}, 100},
		"nulls are the profile": {map[string]any{"experience_level": nil, "learning_goal": nil, "preferred_instruments": nil, "budget_range": nil, "available_days": nil}, 100},
		"a level":               {map[string]any{"experience_level": "advanced"}, 70},
		"a budget":              {map[string]any{"budget_range": "high"}, 80},
		"instruments":           {map[string]any{"preferred_instruments": []string{"drums"}}, 60},
		"no instruments":        {map[string]any{"preferred_instruments": []string{}}, 60},
		"days":                  {map[string]any{"available_days": []string{"monday", "friday"}}, 95},
		"a goal":                {map[string]any{"learning_goal": "exam_preparation"}, 100},
		"everything": {map[string]any{
			"experience_level": "advanced", "learning_goal": "hobby", "preferred_instruments": []string{"drums"},
			"budget_range": "medium", "available_days": []string{"sunday"},
		}, 0},
	} {
		g := NewWithT(t)
		answer := s.post(t, student, c.body)
		g.Expect(answer.Status).To(Equal(http.StatusOK), "%s: %s", reason, answer.Body)

		var made recommendationhttp.Recommendation
		answer.Read(t, &made)
		g.Expect(made.Items).To(ConsistOf(HaveField("Score", c.score)), reason)
	}
}

// The history belongs to its owner.
func TestHandlers_ListRecommendations(t *testing.T) {
	s := newService(t)
	g := NewWithT(t)
	student, other := s.pianist(), s.pianist()
	s.Courses.Add("piano", nil)

	made := make([]recommendationhttp.Recommendation, 3)
	for i := range made {
		s.post(t, student, nil).Read(t, &made[i])
	}

	var list recommendationhttp.RecommendationList
	s.get(t, student, history+"?limit=2").Read(t, &list)
	g.Expect(list.Items).To(Equal([]recommendationhttp.Recommendation{made[2], made[1]}))

	s.get(t, student, history+"?limit=2&cursor="+url.QueryEscape(*list.NextCursor)).Read(t, &list)
	g.Expect(list).To(And(HaveField("Items", Equal(made[:1])), HaveField("NextCursor", BeNil())))

	s.get(t, student, history+"?cursor=").Read(t, &list)
	g.Expect(list.Items).To(HaveLen(3), "an empty cursor is the first page")

	for _, reader := range []*auth.Principal{other, person(uuid.New(), auth.Teacher), person(uuid.New(), auth.Admin)} {
		g.Expect(s.get(t, reader, history).Body).To(MatchJSON(`{"items": [], "next_cursor": null}`))

		answer := s.get(t, reader, latest)
		g.Expect(answer.Status).To(Equal(http.StatusNotFound))
		g.Expect(answer.Code()).To(Equal("NOT_FOUND"))
	}
}

func TestHandlers_Roles(t *testing.T) {
	s := newService(t)
	for _, path := range []string{latest, history} {
		NewWithT(t).Expect(s.get(t, nil, path).Code()).To(Equal("AUTH_MISSING_TOKEN"), path)
	}

	for reason, c := range map[string]struct {
		as     *auth.Principal
		status int
		code   string
	}{
		"not signed in":                 {nil, http.StatusUnauthorized, "AUTH_MISSING_TOKEN"},
		"teachers":                      {person(uuid.New(), auth.Teacher), http.StatusForbidden, "AUTH_FORBIDDEN"},
		"admins":                        {person(uuid.New(), auth.Admin), http.StatusForbidden, "AUTH_FORBIDDEN"},
		"strangers to the user service": {person(uuid.New(), auth.Student), http.StatusNotFound, "USER_NOT_FOUND"},
	} {
		g := NewWithT(t)
		answer := s.post(t, c.as, nil)
		g.Expect(answer.Status).To(Equal(c.status), reason)
		g.Expect(answer.Code()).To(Equal(c.code), reason)
	}
}

func TestHandlers_BadRequests(t *testing.T) {
	s := newService(t)

	student := s.pianist()
	for reason, c := range map[string]struct {
		body   any
		fields []string
	}{
		"every bad field": {map[string]any{
			"experience_level": "expert", "learning_goal": "", "preferred_instruments": []any{"", 1}, "budget_range": 5,
			"available_days": []string{"Monday"}, "user_id": uuid.New(),
		}, []string{"experience_level", "learning_goal", "preferred_instruments[0]", "preferred_instruments[1]", "budget_range", "available_days[0]", "user_id"}},
		"repeated values": {map[string]any{
			"preferred_instruments": []string{"a", "a"}, "available_days": []string{"monday", "monday"},
		}, []string{"preferred_instruments", "available_days"}},
		"long values":     {map[string]any{"preferred_instruments": []string{strings.Repeat("x", 41)}}, []string{"preferred_instruments[0]"}},
		"a NUL":           {map[string]any{"preferred_instruments": []string{"\x00"}}, []string{"preferred_instruments[0]"}},
		"a list":          {[]any{}, []string{"body"}},
		"lists are lists": {map[string]any{"preferred_instruments": "piano", "available_days": "monday"}, []string{"preferred_instruments", "available_days"}},
	} {
		g := NewWithT(t)
		answer := s.post(t, student, c.body)
		g.Expect(answer.Status).To(Equal(http.StatusBadRequest), "%s: %s", reason, answer.Body)
		g.Expect(answer.Code()).To(Equal("VALIDATION_FAILED"), reason)
		g.Expect(answer.BadFields()).To(ConsistOf(c.fields), "%s: %s", reason, answer.Body)
	}

	g := NewWithT(t)
	g.Expect(s.post(t, student, "{").Code()).To(Equal("VALIDATION_MALFORMED_JSON"))
	g.Expect(s.post(t, student, "{}", "Content-Type", "text/plain").Code()).To(Equal("VALIDATION_UNSUPPORTED_MEDIA_TYPE"))

	for query, field := range map[string]string{"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "cursor=x": "cursor", "cursor=bm8": "cursor"} {
		g.Expect(s.get(t, student, history+"?"+query).BadFields()).To(ConsistOf(field), query)
	}
}

// While services are down, old recommendations can be read.
func TestHandlers_GenerateRecommendation_ServicesDown(t *testing.T) {
	s := newService(t)
	student := s.pianist()
	s.Courses.Add("piano", nil)

	g := NewWithT(t)
	g.Expect(s.post(t, student, nil).Status).To(Equal(http.StatusOK))

	for _, app := range []string{recommendationtest.CourseID, recommendationtest.UserID} {
		s.Break(app, recommendationtest.Down)
		answer := s.post(t, student, nil)
		g.Expect(answer.Status).To(Equal(http.StatusServiceUnavailable), app)
		g.Expect(answer.Code()).To(Equal("SERVICE_UNAVAILABLE"), app)
		g.Expect(answer.Header.Get("Retry-After")).NotTo(BeEmpty(), app)
		g.Expect(s.get(t, student, latest).Status).To(Equal(http.StatusOK), "what there is can be read")

		s.Break(app, nil)
	}

	g.Expect(s.post(t, student, nil).Status).To(Equal(http.StatusOK))
}
