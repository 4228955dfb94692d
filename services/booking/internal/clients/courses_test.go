package clients_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/uuid"
	. "github.com/onsi/gomega"

	"github.com/shema-music/shema/services/booking/internal/booking"
	"github.com/shema-music/shema/services/booking/internal/clients"
	courseerrs "github.com/shema-music/shema/services/contracts/course/errs"
	coursehttp "github.com/shema-music/shema/services/contracts/course/http"
	"github.com/shema-music/shema/services/contracts/errs"
)

const many = "/internal/reservations/many"

// courseService answers the first call when the test lets it, and those for several bookings with answer.
type courseService struct {
	*httptest.Server

	begun, goOn chan struct{}
	first       sync.Once
	answer      func(w http.ResponseWriter, wanted []coursehttp.ReservationRequest)
}

func newCourseService(t *testing.T, answer func(w http.ResponseWriter, wanted []coursehttp.ReservationRequest)) *courseService {
	t.Helper()

	s := &courseService{
		begun:  make(chan struct{}),
		goOn:   make(chan struct{}),
		answer: answer,
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)

	return s
}

func (s *courseService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")

	if r.URL.Path == many {
		var body coursehttp.ReservationRequests

		_ = json.NewDecoder(r.Body).Decode(&body)
		s.answer(w, body.Reservations)

		return
	}

	var one coursehttp.ReservationRequest

	_ = json.NewDecoder(r.Body).Decode(&one)

	s.first.Do(func() {
		close(s.begun)
		<-s.goOn
	})

	_ = json.NewEncoder(w).Encode(coursehttp.Reservation{BookingId: one.BookingId, State: coursehttp.ReservationStateReserved})
}

// reserveTogether reserves for n bookings while the call for another one is on its way.
func (s *courseService) reserveTogether(t *testing.T, n int) []error {
	t.Helper()

	courses := clients.NewCourses(s.URL, s.Client())
	reserve := func() error {
		b := &booking.Booking{
			ID:           uuid.New(),
			CourseID:     uuid.New(),
			FirstChoice:  uuid.New(),
			SecondChoice: uuid.New(),
		}
		_, err := courses.Reserve(t.Context(), b)

		return err
	}

	var all sync.WaitGroup

	all.Go(func() { NewWithT(t).Expect(reserve()).To(Succeed()) })
	<-s.begun

	failures := make([]error, n)
	for i := range n {
		all.Go(func() { failures[i] = reserve() })
	}

	close(s.goOn)
	all.Wait()

	return failures
}

// TestCourses_Reserve_Together: each of several bookings hears its own answer, and one without an answer that it is open.
func TestCourses_Reserve_Together(t *testing.T) {
	t.Parallel()
	g := NewWithT(t)

	service := newCourseService(t, func(w http.ResponseWriter, wanted []coursehttp.ReservationRequest) {
		answers := coursehttp.ReservationAnswers{Items: make([]coursehttp.ReservationAnswer, len(wanted))}
		for i, r := range wanted {
			if i%2 == 0 {
				answers.Items[i].Refusal = &coursehttp.ReservationRefusal{
					Code: "BOOKING_INVALID_SLOTS", Details: map[string]any{"slot_ids": []uuid.UUID{r.SlotIds[0]}},
				}
			}
		}

		_ = json.NewEncoder(w).Encode(answers)
	})

	for _, err := range service.reserveTogether(t, 12) {
		if err == nil {
			continue // it went alone
		}

		if refusal, _ := errs.As(err); refusal.Is(courseerrs.InvalidSlots) {
			g.Expect(refusal.Details).To(HaveKey("slot_ids"))
		} else {
			g.Expect(err).To(MatchError(errs.Unavailable))
		}
	}
}

// TestCourses_Reserve_Together_Outages: what is no answer is none for all who were in the call, and a replica of an older
// version is asked about each.
func TestCourses_Reserve_Together_Outages(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		status int
		body   string
		want   error
	}{
		"it is away":                     {http.StatusInternalServerError, `{"errorCode":"ERR_DIRECT_INVOKE"}`, errs.Unavailable},
		"it answers about fewer":         {http.StatusOK, `{"items":[]}`, errs.Unavailable},
		"it does not know this question": {http.StatusNotFound, `{"error":"There is nothing here.","code":"NOT_FOUND","details":{}}`, nil},
	}

	for reason, c := range cases {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			g := NewWithT(t)

			service := newCourseService(t, func(w http.ResponseWriter, _ []coursehttp.ReservationRequest) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			})

			for _, err := range service.reserveTogether(t, 12) {
				if err != nil {
					g.Expect(err).To(MatchError(c.want), reason)
				}
			}
		})
	}
}
