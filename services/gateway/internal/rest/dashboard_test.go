package rest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/contracts/apps"
	"github.com/shema-music/shema/services/kit/auth"
)

const dashboardPath = "/api/admin/dashboard"

// What the services answer on a good day. The note shows that the gateway does not look into items.
const (
	bookingItems = `[{"id":"b1","note":"<b>Saya & Budi</b>","user":null,"price":1.10},{"id":"b2"}]`
	sessionItems = `[{"id":"s1","unread":3}]`
)

var goodDay = map[string]string{
	"booking-service/api/bookings/pending":  `{"items":` + bookingItems + `,"next_cursor":"next"}`,
	"booking-service/api/bookings/stats":    `{"count":2}`,
	"chat-service/api/chat/active-sessions": `{"items":` + sessionItems + `,"next_cursor":null}`,
	"chat-service/api/chat/stats":           `{"count":1,"unanswered":3}`,
	"course-service/api/courses/stats":      `{"count":5}`,
	"user-service/api/users/stats":          `{"count":7}`,
}

// countPending is the question that the list of pending bookings leaves open where it is not whole.
const countPending = "booking-service/api/bookings/stats"

var sources = []string{apps.Booking, apps.Chat, apps.Course, apps.User}

func question(r *http.Request) string { return r.Header.Get("Dapr-App-Id") + r.URL.Path }

// services answer as on a good day, but for those questions, or all of an app, that have a handler of their own.
func services(other map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{question(r), r.Header.Get("Dapr-App-Id")} {
			if handler := other[name]; handler != nil {
				handler(w, r)
				return
			}
		}

		writeJSON(w, http.StatusOK, goodDay[question(r)])
	}
}

// shown is the dashboard as a page reads it.
func (w *testGateway) shown(g Gomega) (map[string]json.RawMessage, reply) {
	got := w.do(http.MethodGet, dashboardPath, bearer(w.token(auth.Admin)))
	g.Expect(got.StatusCode).To(Equal(http.StatusOK), got.body)
	g.Expect(got.Header.Get("Cache-Control")).To(Equal("no-store"))
	g.Expect(got.Header.Get("Content-Type")).To(HavePrefix("application/json"))

	var body map[string]json.RawMessage
	g.Expect(json.Unmarshal([]byte(got.body), &body)).To(Succeed())
	g.Expect(slices.Sorted(maps.Keys(body))).To(Equal([]string{"activeSessions", "degraded", "pendingBookings", "stats"}))

	return body, got
}

// expectWithout compares the dashboard with the one that is to be shown while these apps don't answer.
func expectWithout(g Gomega, body map[string]json.RawMessage, missing ...string) {
	unless := func(app, value string) string {
		if slices.Contains(missing, app) {
			return "null"
		}

		return value
	}
	blamed, err := json.Marshal(append([]string{}, slices.Sorted(slices.Values(missing))...))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(body["degraded"])).To(Equal(string(blamed)))
	g.Expect(string(body["pendingBookings"])).To(Equal(unless(apps.Booking, bookingItems)), "as the service wrote it")
	g.Expect(string(body["activeSessions"])).To(Equal(unless(apps.Chat, sessionItems)))
	g.Expect(string(body["stats"])).To(MatchJSON(`{"total_students":` + unless(apps.User, "7") +
		`,"pending_bookings":` + unless(apps.Booking, "2") + `,"active_chats":` + unless(apps.Chat, "1") +
		`,"unanswered_chats":` + unless(apps.Chat, "3") +
		`,"courses_available":` + unless(apps.Course, "5") + `}`))
}

// The dashboard asks every service in the admin's name.
func TestDashboard_Gather_AdminsToken(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) { s.answer = services(nil) })
	token := w.token(auth.Admin)
	got := w.do(http.MethodGet, dashboardPath, header{
		"Authorization": "Bearer " + token, "X-Request-Id": "r1", "X-Service-Token": "forged",
	})
	w.Expect(got.StatusCode).To(Equal(http.StatusOK))
	asked := w.sidecar.taken()

	var questions []string
	for _, r := range asked {
		questions = append(questions, question(r))
		w.Expect(r.Method).To(Equal(http.MethodGet))
		w.Expect(r.Header.Get("Authorization")).To(Equal("Bearer " + token))
		w.Expect(r.Header.Get("X-Service-Token")).NotTo(BeElementOf("", "forged"))
		w.Expect(r.Header.Get("X-Request-Id")).To(Equal("r1"))

		if strings.HasSuffix(r.URL.Path, "/stats") {
			w.Expect(r.URL.RawQuery).To(BeEmpty())
		} else {
			w.Expect(r.URL.RawQuery).To(Equal("limit=100"))
		}
	}

	w.Expect(questions).To(ConsistOf(slices.Collect(maps.Keys(goodDay))))
}

// The dashboard shows what it can get.
func TestDashboard_Gather_AllParts(t *testing.T) {
	w := newTestGateway(t)

	down := replies(http.StatusInternalServerError, `{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke"}`, "", "")
	for chosen := range 1 << len(sources) {
		var missing []string

		other := map[string]http.HandlerFunc{}
		for i, app := range sources {
			if chosen&(1<<i) != 0 {
				missing = append(missing, app)
				other[app] = down
			}
		}

		t.Run("without "+strings.Join(missing, ", "), func(t *testing.T) {
			g := NewWithT(t)

			w.sidecar.set(func(s *sidecar) { s.answer = services(other) })
			body, _ := w.shown(g)
			expectWithout(g, body, missing...)
		})
	}
}

// An empty school has a dashboard too.
func TestDashboard_Gather_EmptySchool(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = replies(http.StatusOK, `{"items":[],"next_cursor":null,"count":0,"unanswered":0}`, "", "")
	})
	w.Expect(w.do(http.MethodGet, dashboardPath, bearer(w.token(auth.Admin))).body).To(MatchJSON(`{
		"pendingBookings": [], "activeSessions": [], "degraded": [],
		"stats": {"total_students": 0, "pending_bookings": 0, "active_chats": 0, "unanswered_chats": 0, "courses_available": 0}}`))
}

// A list that is whole has been counted: its service is asked once.
func TestDashboard_Gather_WholeList(t *testing.T) {
	w := newTestGateway(t)
	whole := replies(http.StatusOK, `{"items":`+bookingItems+`,"next_cursor":null}`, "", "")
	w.sidecar.set(func(s *sidecar) {
		s.answer = services(map[string]http.HandlerFunc{"booking-service/api/bookings/pending": whole})
	})

	body, _ := w.shown(w)
	expectWithout(w, body)

	for _, r := range w.sidecar.taken() {
		w.Expect(question(r)).NotTo(Equal(countPending))
	}
}

// A chat service of an older release doesn't know how many wait for an answer.
func TestDashboard_Gather_OlderChat(t *testing.T) {
	w := newTestGateway(t)
	w.sidecar.set(func(s *sidecar) {
		s.answer = services(map[string]http.HandlerFunc{
			"chat-service/api/chat/stats": replies(http.StatusOK, `{"count":1}`, "", ""),
		})
	})

	body, _ := w.shown(w)
	w.Expect(string(body["degraded"])).To(Equal("[]"))
	w.Expect(string(body["stats"])).To(ContainSubstring(`"active_chats":1,"unanswered_chats":null`))
}

// The dashboard asks all at once.
func TestDashboard_Gather_InParallel(t *testing.T) {
	w := newTestGateway(t)

	var together sync.WaitGroup
	together.Add(len(goodDay) - 1)

	answer := services(nil)
	w.sidecar.set(func(s *sidecar) {
		s.answer = func(rw http.ResponseWriter, r *http.Request) {
			if question(r) != countPending { // which the list may answer
				together.Done()
				together.Wait()
			}

			answer(rw, r)
		}
	})
	body, _ := w.shown(w)
	expectWithout(w, body)
}

// The dashboard is for admins by every method.
func TestDashboard_AdminsOnly(t *testing.T) {
	w := newTestGateway(t)
	for _, method := range []string{http.MethodPost, http.MethodOptions} {
		got := w.do(method, dashboardPath, nil)
		w.Expect(got.StatusCode).To(Equal(http.StatusMethodNotAllowed), method)
		w.Expect(got.Header.Get("Allow")).To(Equal("GET, HEAD"))
	}

	w.Expect(w.do(http.MethodHead, dashboardPath, nil).StatusCode).To(Equal(http.StatusUnauthorized))
	w.Expect(w.do(http.MethodHead, dashboardPath, bearer(w.token(auth.Student))).StatusCode).To(Equal(http.StatusForbidden))

	w.Expect(w.sidecar.taken()).To(BeEmpty())
}
